"""The certificate of completion: pages drawn from headings, labelled values and an event log."""

from paraph.documents.certificate.pages import draw_certificate

__all__ = ["draw_certificate"]
