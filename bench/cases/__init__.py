"""The cases by name; each is a function of the run's setting that says its own table."""

from bench.setting import Case

from . import documents, first_page, flow, listing, oauth, sending, signing, starting

CASES: dict[str, Case] = {
    "oauth": oauth.run,
    "send": sending.run,
    "sign": signing.run,
    "flow": flow.run,
    "list": listing.run,
    "page": first_page.run,
    "start": starting.run,
    "documents": documents.run,
}
