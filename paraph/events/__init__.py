"""Events: who wants to hear, what happened, and proof of each delivery.

Recorded in the transaction of the fact, delivered at least once, retried on the documented schedule, kept 90 days.
"""

from .callbacks import callback_url, callback_url_of, keep_callback_url, set_callback
from .event_types import EVENT_TYPES
from .facts import DeliveryGivenUp
from .payload import event_hash
from .queries import Attempt, DeliveriesPage, Delivery, deliveries_of
from .record import Audience, record_event, send_test
from .replay import replay_delivery

__all__ = [
    "EVENT_TYPES",
    "Attempt",
    "Audience",
    "DeliveriesPage",
    "Delivery",
    "DeliveryGivenUp",
    "callback_url",
    "callback_url_of",
    "deliveries_of",
    "event_hash",
    "keep_callback_url",
    "record_event",
    "replay_delivery",
    "send_test",
    "set_callback",
]
