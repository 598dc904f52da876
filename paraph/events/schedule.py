"""When a failed delivery is tried again: six waits, each three times the one before, then it is given up."""

RETRY_WAITS_SECONDS = (300, 900, 2_700, 8_100, 24_300, 72_900)
"""5 min, 15 min, 45 min, 2 h 15, 6 h 45, 20 h 15: the wait before each next try, counted from the failure."""


def wait_after(failures: int) -> int | None:
    """Return the seconds to wait after the ``failures``-th failure in a row (1 is the first), None to give up."""
    return RETRY_WAITS_SECONDS[failures - 1] if failures <= len(RETRY_WAITS_SECONDS) else None
