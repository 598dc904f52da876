"""Import every room's tables, so that the metadata is whole."""

import importlib
from pathlib import Path

import paraph
from paraph.kit.db import metadata

__all__ = ["metadata"]

_PACKAGE = Path(paraph.__file__).parent

for _path in sorted(_PACKAGE.glob("**/*models.py")):
    importlib.import_module(".".join(("paraph", *_path.relative_to(_PACKAGE).with_suffix("").parts)))
importlib.import_module("paraph.kit.holds")
importlib.import_module("paraph.kit.installation")
importlib.import_module("paraph.kit.limits")
