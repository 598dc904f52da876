"""Events: who wants to hear, what happened, and proof of each delivery.

Recorded in the transaction of the fact, delivered at least once, retried on the documented schedule, kept 90 days.
"""

from .callbacks import (
    callback_url,
    callback_url_of,
    keep_callback_url,
    set_callback,
    switch_on,
    switched_off_at,
)
from .event_types import EVENT_TYPES
from .facts import CallbackSwitchedOff, DeliveryGivenUp
from .payload import event_hash
from .queries import Attempt, DeliveriesPage, Delivery, deliveries_of
from .record import Audience, record_event, send_test
from .replay import replay_delivery
from .troubles import (
    DeliveryCounts,
    FailedCallback,
    deliveries_in_trouble,
    delivery_counts,
    failed_callbacks,
    replay_callback,
    retrying,
    try_now,
    wake_overdue,
)

__all__ = [
    "EVENT_TYPES",
    "Attempt",
    "Audience",
    "CallbackSwitchedOff",
    "DeliveriesPage",
    "Delivery",
    "DeliveryCounts",
    "DeliveryGivenUp",
    "FailedCallback",
    "callback_url",
    "callback_url_of",
    "deliveries_in_trouble",
    "deliveries_of",
    "delivery_counts",
    "event_hash",
    "failed_callbacks",
    "keep_callback_url",
    "record_event",
    "replay_callback",
    "replay_delivery",
    "retrying",
    "send_test",
    "set_callback",
    "switch_on",
    "switched_off_at",
    "try_now",
    "wake_overdue",
]
