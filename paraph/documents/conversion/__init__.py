"""Office documents and web pages to PDF: checked and written anew in a sandboxed child, then converted by one
run of LibreOffice in a sandbox of its own, without network. Importing this face loads no heavy library."""

from paraph.documents.conversion.converter import OfficeConverter, try_conversion
from paraph.documents.conversion.kinds import Checked
from paraph.documents.conversion.programs import INSTALL, missing_programs

__all__ = ["INSTALL", "Checked", "OfficeConverter", "missing_programs", "try_conversion"]
