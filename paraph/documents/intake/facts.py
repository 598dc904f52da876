"""What the steps of intake find out about a file, passed from one to the next."""

from dataclasses import dataclass, field

from paraph.documents.shapes import PageGeometry


@dataclass(slots=True)
class Facts:
    """Filled by the steps in their order. removed counts what sanitising took out, by kind."""

    pages: tuple[PageGeometry, ...] = ()
    had_signatures: int = 0
    warnings: list[str] = field(default_factory=list)
    removed: dict[str, int] = field(default_factory=dict)

    def took_out(self, kind: str) -> None:
        self.removed[kind] = self.removed.get(kind, 0) + 1

    def warn(self, code: str, page: int | None = None) -> None:
        self.warnings.append(code if page is None else f"page_{page}_{code}")
