"""The files, keys and processes of the documents case."""
