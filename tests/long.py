"""What takes long and has something shorter beside it: run by ``make test-long``, not in every run of the suite."""

from __future__ import annotations

import os

import pytest

LONG = os.environ.get("PARAPH_LONG_TESTS") == "1"
long = pytest.mark.skipif(not LONG, reason="long: make test-long")
