"""Jobs: rows enqueued in the transaction that needs them, claimed by one conditional UPDATE with a lease.

A handler is ``async def handler(payload: dict, kit: Kit) -> None``; it opens its own transactions, checks state
first (a job may run twice) and raises to be tried again. ``@job`` names it; ``@periodic`` makes it recur.
"""

from .clock_steps import ClockSetBack
from .definition import GiveUp, JobKind, Lane, PeriodicKind, Surroundings, WaitsFor, job, jobs_in, periodic
from .models import jobs
from .queue import Queue, discard_job, enqueue, failed_jobs, oldest_due, queue_counts, release_all, retry_job
from .runner import Runner

__all__ = [
    "ClockSetBack",
    "GiveUp",
    "JobKind",
    "Lane",
    "PeriodicKind",
    "Queue",
    "Runner",
    "Surroundings",
    "WaitsFor",
    "discard_job",
    "enqueue",
    "failed_jobs",
    "job",
    "jobs",
    "jobs_in",
    "oldest_due",
    "periodic",
    "queue_counts",
    "release_all",
    "retry_job",
]
