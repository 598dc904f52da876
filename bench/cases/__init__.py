"""The cases by name; each is a function of the run's setting that says its own table."""

from bench.setting import Case

from . import documents, oauth, starting

CASES: dict[str, Case] = {"oauth": oauth.run, "documents": documents.run, "start": starting.run}
