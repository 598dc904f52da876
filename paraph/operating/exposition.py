"""All numbers in the format of Prometheus. Its library is loaded at the first scrape, not at the start."""

from __future__ import annotations

import platform
import shutil
from typing import TYPE_CHECKING, Any

from paraph import __version__
from paraph.documents import DocumentWorkers, SealingIdentity, SealWatch
from paraph.kit.metrics import Counter, Gauge, Histogram, Instrument, instruments
from paraph.migrations import HEAD

from .figures import Family, FiguresKept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paraph.kit import Kit

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def exposition(kit: Kit) -> bytes:
    """Return the page of numbers: this process's, and the installation's as the database has them."""
    figures = await kit.service(FiguresKept).get(kit)
    problem = await kit.service(SealWatch).problem()
    families = (*figures.families, *_of_process(kit, figures.schema), *_of_seal(kit, problem))
    return written(families)


def written(families: Iterable[Family] = ()) -> bytes:
    """Return the instruments of this process, and further ``families``, as text."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Collected([*(_metric(one) for one in instruments()), *map(_gauge, families)]))
    return generate_latest(registry)


class _Collected:
    """What prometheus_client asks for metrics."""

    def __init__(self, metrics: list[Any]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        yield from self._metrics


def _metric(instrument: Instrument) -> Any:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    name, says, labels = instrument.name, instrument.says, instrument.labels
    if isinstance(instrument, Histogram):
        histogram = HistogramMetricFamily(name, says, labels=labels)
        for values, cell in list(instrument.cells.items()):
            histogram.add_metric(_texts(values), _buckets(instrument.bounds, cell.counts), cell.sum)
        return histogram
    assert isinstance(instrument, Counter | Gauge)
    kind = CounterMetricFamily if isinstance(instrument, Counter) else GaugeMetricFamily
    family = kind(name, says, labels=labels)
    if not labels and not instrument.values:
        family.add_metric([], 0)
    for values, number in list(instrument.values.items()):
        family.add_metric(_texts(values), number)
    return family


def _gauge(family: Family) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    gauge = GaugeMetricFamily(family.name, family.says, labels=family.labels)
    for values, number in family.rows.items():
        gauge.add_metric(list(values), number)
    return gauge


def _texts(values: tuple[Any, ...]) -> list[str]:
    return [str(value) for value in values]


def _buckets(bounds: tuple[float, ...], counts: list[int]) -> list[tuple[str, float]]:
    """Prometheus counts what lies at or below each bound."""
    total, buckets = 0, []
    for bound, count in zip((*map(str, bounds), "+Inf"), counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets


def _of_process(kit: Kit, schema: str) -> list[Family]:
    built = {(__version__, platform.python_version(), kit.db.name): 1.0}
    schemas = {("database",): float(schema), ("wanted",): float(HEAD)}
    free = float(shutil.disk_usage(kit.settings.data_dir).free)
    database = {(name,): value for name, value in kit.db.figures().items()}
    children = {(): float(kit.service(DocumentWorkers).running)}
    return [
        Family("paraph_build_info", "What runs here.", ("version", "python", "database"), built),
        Family("paraph_schema", "Newest migration: the database's, and the one wanted here.", ("of",), schemas),
        Family("paraph_data_free_bytes", "Free space where the data folder is.", (), {(): free}),
        Family("paraph_database", "The way to the database: see docs/operating.md.", ("what",), database),
        Family("paraph_document_children", "Sandboxed children at work on documents.", (), children),
        Family("paraph_draining", "1 while this process takes no new work.", (), {(): float(kit.draining.begun)}),
    ]


def _of_seal(kit: Kit, problem: str | None) -> list[Family]:
    identity = kit.service(SealingIdentity)
    return [
        Family("paraph_seal_ready", "1 while files can be sealed.", (), {(): float(problem is None)}),
        Family(
            "paraph_seal_certificate_expires_timestamp_seconds",
            "When the sealing certificate expires.",
            (),
            {(): identity.expires_at.timestamp()},
        ),
    ]
