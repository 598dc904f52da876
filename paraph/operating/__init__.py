"""Running a server: what is stuck and why, what is measured, whether it is ready, and the operator's pages."""

from .figures import FiguresKept, database_time, schema_of
from .readiness import FilesTried
from .stuck import Stuck, find_stuck, stuck_now

__all__ = ["FiguresKept", "FilesTried", "Stuck", "database_time", "find_stuck", "schema_of", "stuck_now"]
