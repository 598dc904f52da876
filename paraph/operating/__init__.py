"""Running a server: what is stuck and why, what is measured, whether it is ready, and the operator's pages."""

from .figures import FiguresKept
from .readiness import FilesTried
from .stuck import Stuck, find_stuck, stuck_now

__all__ = ["FiguresKept", "FilesTried", "Stuck", "find_stuck", "stuck_now"]
