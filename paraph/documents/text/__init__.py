"""Text that is there: where it stands, what is in square brackets, how it is taken out. Runs in a sandboxed child."""

from paraph.documents.text.find import find_texts
from paraph.documents.text.hide import hide_texts
from paraph.documents.text.reading import read_page

__all__ = ["find_texts", "hide_texts", "read_page"]
