"""``python -m paraph`` is the ``paraph`` command."""

from paraph.cli import app

app(prog_name="paraph")
