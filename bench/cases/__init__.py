"""The cases by name; each is a function of the run's setting that says its own table."""

from bench.setting import Case

from . import documents, flow, oauth, sending, signing, starting

CASES: dict[str, Case] = {
    "oauth": oauth.run,
    "send": sending.run,
    "sign": signing.run,
    "flow": flow.run,
    "start": starting.run,
    "documents": documents.run,
}
