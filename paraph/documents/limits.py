"""How much one task on one file may cost. Units are in the names."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sandboxed child may take. Raises ValueError when a limit could never be met."""

    max_bytes: int = 40 * MEBIBYTE
    max_pages: int = 500
    memory_bytes: int = 1536 * MEBIBYTE
    output_bytes: int = 600 * MEBIBYTE
    cpu_seconds: int = 40
    wall_seconds: float = 60.0
    open_files: int = 64

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_pages, self.cpu_seconds, self.open_files) < 1:
            raise ValueError("limits must be positive")
        if self.wall_seconds <= 0 or self.memory_bytes < 256 * MEBIBYTE:
            raise ValueError("a child needs 256 MiB and some time to work at all")


@dataclass(frozen=True, slots=True)
class ConversionLimits:
    """What one run of LibreOffice may take; memory_bytes is for each process of the run."""

    memory_bytes: int = 2048 * MEBIBYTE
    scratch_bytes: int = 512 * MEBIBYTE
    output_bytes: int = 200 * MEBIBYTE
    cpu_seconds: int = 45
    wall_seconds: float = 60.0
    open_files: int = 256
    processes: int = 256


def in_megabytes(count: int) -> str:
    """A number of bytes as people read it in a sentence: `40 MB`."""
    return f"{count / MEBIBYTE:.3g} MB"
