"""The form of an upload, read before intake draws it into the pages. Runs in a sandboxed child."""

from paraph.documents.forms.read import read_form

__all__ = ["read_form"]
