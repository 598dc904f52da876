"""Signing: the pages of the person who signs. Open, agree, adopt, finish, decline, report."""

from .disclosure import Disclosure, current_disclosure, read_disclosure
from .handle_report import handle_report
from .page_images import PageImages
from .queries import AbuseReport, count_open_reports, reports_of_abuse

__all__ = [
    "AbuseReport",
    "Disclosure",
    "PageImages",
    "count_open_reports",
    "current_disclosure",
    "handle_report",
    "read_disclosure",
    "reports_of_abuse",
]
