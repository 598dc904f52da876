"""The mails of this room: from whom, on whose behalf, through which app, what happens on click; one link each.

Signers read them in the language they signed or agreed in, before that in the sender's; the sender in the sender's.
"""

from .access import mail_locked, mail_reassigned, mail_undelivered
from .asking import BOUNCE_JOB, MAILED_JOB, mail_expiry_reminder, mail_invitation, mail_reminder
from .copies import mail_copies
from .endings import mail_cancelled, mail_declined, mail_expired, mail_expired_to_signers
from .frame import in_language_of
from .troubles import mail_bounced, mail_failed, mail_flattened, mail_stopped

__all__ = [
    "BOUNCE_JOB",
    "MAILED_JOB",
    "in_language_of",
    "mail_bounced",
    "mail_cancelled",
    "mail_copies",
    "mail_declined",
    "mail_expired",
    "mail_expired_to_signers",
    "mail_expiry_reminder",
    "mail_failed",
    "mail_flattened",
    "mail_invitation",
    "mail_locked",
    "mail_reassigned",
    "mail_reminder",
    "mail_stopped",
    "mail_undelivered",
]
