"""What every bench shares: rounds, processor time and memory from /proc, the machine, noise, tables, results."""

from .figures import Slice, Slices, median, percentile, ratio, spread
from .machine import describe_machine, foreign_cores, versions_of
from .processes import cpu_seconds, free_port, resident_mb, tree
from .report import Report
from .rounds import Rounds
from .table import Table

__all__ = [
    "Report",
    "Rounds",
    "Slice",
    "Slices",
    "Table",
    "cpu_seconds",
    "describe_machine",
    "foreign_cores",
    "free_port",
    "median",
    "percentile",
    "ratio",
    "resident_mb",
    "spread",
    "tree",
    "versions_of",
]
