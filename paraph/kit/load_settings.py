"""Settings of limits and load that are out of range or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Settings

AT_LEAST_ONE = ("asks_per_hour", "calls_at_once", "sends_at_once")
OR_NONE = ("api_rate_limit_costly", "api_rate_limit_test", "token_rate_limit", "waiting_jobs")


def load_problem(settings: Settings) -> str | None:
    """What is wrong with the settings of limits and load, as a sentence; None when they fit."""
    for name in AT_LEAST_ONE:
        if getattr(settings, name) < 1:
            return f"PARAPH_{name.upper()} must be at least 1."
    for name in OR_NONE:
        if getattr(settings, name) < 0:
            return f"PARAPH_{name.upper()} must be 0 or more."
    if settings.upload_bytes_at_once < settings.max_file_bytes:
        return "PARAPH_UPLOAD_BYTES_AT_ONCE must be at least PARAPH_MAX_FILE_BYTES."
    return None
