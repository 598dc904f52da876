"""Text messages: written in the transaction of the fact, sent by the worker through the operator's HTTP gateway.

Bodies carry codes and links, so they are sealed at rest and wiped once sent. Where no gateway is configured, a server
on the developer's own machine shows them on /mailbox; anywhere else there are none.
"""

from paraph.kit.sms_template import BadTemplate, read_template

from .jobs import deliver, sweep_text_messages
from .models import text_messages
from .send import TextMessage, provider_of, send_text_message
from .troubles import texts_waiting

__all__ = [
    "BadTemplate",
    "TextMessage",
    "deliver",
    "provider_of",
    "read_template",
    "send_text_message",
    "sweep_text_messages",
    "text_messages",
    "texts_waiting",
]
