"""Documents into one file: merged, stamped, with certificate and attachments, not yet sealed."""

from paraph.documents.assembly.assemble import assemble

__all__ = ["assemble"]
