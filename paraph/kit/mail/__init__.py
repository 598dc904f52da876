"""Mail: written in the transaction of the fact; kept for /mailbox, or sent by the worker with retries.

Bodies carry live links, so they are sealed at rest and wiped once sent.
"""

from .jobs import deliver, sweep_mails
from .letter import Letter, send_letter
from .models import mails
from .send import KeptMail, Mail, kept_mails, send_mail
from .troubles import mails_refused, mails_waiting

__all__ = [
    "KeptMail",
    "Letter",
    "Mail",
    "deliver",
    "kept_mails",
    "mails",
    "mails_refused",
    "mails_waiting",
    "send_letter",
    "send_mail",
    "sweep_mails",
]
