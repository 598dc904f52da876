"""Signing: the pages of the person who signs. Open, agree, adopt, finish, decline, report."""

from .disclosure import Disclosure, current_disclosure, read_disclosure
from .page_images import PageImages
from .queries import AbuseReport, reports_of_abuse

__all__ = [
    "AbuseReport",
    "Disclosure",
    "PageImages",
    "current_disclosure",
    "read_disclosure",
    "reports_of_abuse",
]
