"""The one way this room says no to a file: a code for programs and a sentence for the sender."""

from typing import Final

from paraph.documents.limits import Limits, in_megabytes

SENTENCES: Final[dict[str, str]] = {
    "empty": "The file is empty. Choose the file again and upload it once more.",
    "too_large": "The file is larger than {size}. Compress it or split it into smaller files.",
    "too_many_pages": "The document has more than {pages} pages. Split it into smaller documents.",
    "not_a_pdf": "The file is not a PDF, although it says so. Save or export it as PDF again.",
    "unsupported_type": (
        "This kind of file is not supported. Send a PDF, an Office document, a web page, a text or a picture."
    ),
    "office_not_available": (
        "This server cannot convert Office documents and web pages. Save the document as PDF and upload that."
    ),
    "office_damaged": (
        "The Office document is damaged, or not what it says it is. Save it again, or as PDF, and upload that."
    ),
    "office_too_large": (
        "The Office document unpacks to far more data than it should. Save it as PDF and upload the PDF instead."
    ),
    "office_macros": "The document holds macros. Save it without macros, or as PDF, and upload that.",
    "office_external_content": (
        "The document loads pictures, templates or data from elsewhere. Put them into it, or save it as PDF, "
        "and upload that."
    ),
    "office_unsafe": (
        "The document holds what no Office program writes. Open it, save it again, or as PDF, and upload that."
    ),
    "conversion_failed": "The document could not be converted to PDF. Save it as PDF and upload the PDF instead.",
    "conversion_too_slow": (
        "The document took too long to convert to PDF. Save it as PDF and upload the PDF instead."
    ),
    "text_unreadable": "The encoding of this text is not known. Save it as UTF-8 and upload it again.",
    "password_needed": "The file is protected by a password. Remove the password and upload it again.",
    "unreadable": "The file is damaged and cannot be read. Save or export it again and retry.",
    "no_pages": "The PDF has no pages. Check the file and export it again.",
    "page_tree_damaged": "The list of pages in this PDF is damaged. Print it to a new PDF and retry.",
    "page_size_out_of_range": "A page is smaller than 3 points or larger than 200 inches. Resize the page.",
    "bad_page_box": "A page has no usable size. Print the document to a new PDF and retry.",
    "content_damaged": "A page of this PDF is damaged. Print the document to a new PDF and retry.",
    "content_too_large": "The PDF unpacks to far more data than it should. Print it to a new PDF and retry.",
    "too_many_objects": "The PDF is built from too many parts. Print it to a new PDF and retry.",
    "pure_xfa_form": "This is an Adobe XFA form without pages. Print it to a PDF and upload that.",
    "picture_too_large": "The picture has too many pixels. Scale it down and upload it again.",
    "picture_unreadable": "The picture is damaged or of an unusual kind. Save it as PNG or JPG and retry.",
    "too_complex": "The document is too complex to process safely. Print it to a new PDF and retry.",
    "killed": "The file took too much time or memory to read. Print it to a new PDF and retry.",
    "no_such_page": "The document has no page of that number.",
    "changed_since_intake": "The stored document is not the one that was sent. Nothing was sealed.",
}


class Rejected(Exception):
    """A file or a value that this room refuses.

    reason: a code in snake_case, one of SENTENCES. sentence: says to a sender what to do. Neither holds
    any byte of the file. detail: for the log alone. limits: those that the sentence names.
    """

    def __init__(self, reason: str, detail: str = "", limits: Limits | None = None) -> None:
        super().__init__(reason)
        bounds = limits or Limits()
        self.reason = reason
        self.sentence = SENTENCES[reason].format(size=in_megabytes(bounds.max_bytes), pages=bounds.max_pages)
        self.detail = detail


class DocumentFailure(Exception):
    """Our own work on a document went wrong (never the sender's fault): retry, and show the operator.

    reason: a snake_case code such as `value_not_in_document`, `sealing_failed`, `worker_failed`, `worker_stopped`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
