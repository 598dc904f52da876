"""The operator's pages: what is stuck, the queue, requests, deliveries, accounts, and what operators did.

Apps, reports and the seal have pages in their own rooms; the overview leads to all of them.
"""

from .accounts import accounts, one_account, resume, suspend
from .acts import acts
from .deliveries import deliveries, replay_all, replay_one
from .overview import overview
from .queue import discard, queue, retry
from .requests import requests, retry_one

__all__ = [
    "accounts",
    "acts",
    "deliveries",
    "discard",
    "one_account",
    "overview",
    "queue",
    "replay_all",
    "replay_one",
    "requests",
    "resume",
    "retry",
    "retry_one",
    "suspend",
]
