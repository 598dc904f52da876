"""The pages that belong to no single room: home, the mailbox of an embedded server, health; the description of the
API; and the look of all."""

from .openapi import ApiDocument

__all__ = ["ApiDocument"]
