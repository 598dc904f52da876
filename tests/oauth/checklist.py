"""The checklist of the OAuth provider: each row, and the tests that prove it, found by the number in their names.

``python -m tests.oauth.checklist`` writes the table into ``docs/oauth.md``; a test compares the two.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "oauth.md"
BEGIN, END = "<!-- checklist: made by python -m tests.oauth.checklist -->", "<!-- end of the checklist -->"

ROWS = {
    "A1": "Unknown client: a page, no redirect",
    "A2": "A callback that differs in one character: a page, no redirect",
    "A3": "Another port: only on a native app's loopback address",
    "A4": "No `redirect_uri`: the registered callback (one per app)",
    "A5": "`response_type` other than `code` is refused",
    "A6": "A parameter given twice is refused; client or callback twice on a page",
    "A7": "The request as a POST form: same page, decides nothing",
    "A8": "HEAD, and GET on the consent action, give no code",
    "A9": "PKCE: S256 with 43 characters and nothing else",
    "A10": "Public apps and the standard profile need PKCE",
    "A11": "A scope that is not the app's: `invalid_scope`, quickly",
    "A12": "No `scope`: all of the app's",
    "A13": "`state` of 4 kB comes back byte for byte, never as HTML",
    "A14": "Errors carry `error`, `state`, `iss` and no internals",
    "A15": "An unapproved app: its owner only, operators included",
    "A16": "App suspended, deleted or changed while the page was open: no code",
    "A17": "Log-in first, then errors to the app; after log-in straight back",
    "A18": "`prompt=none`: `login_required`, `consent_required`, or a code",
    "A19": "No page can be framed",
    "A20": "No referrer, no cache, no third party, no inline script",
    "A21": "CORS for the token endpoint and metadata, never for authorize",
    "A22": "`request`, `request_uri`, `registration` refused, never fetched",
    "B1": "Consent needs this session's CSRF token and this session's request, once",
    "B2": "The stored request counts, not the form",
    "B3": "Many consents at once: one code",
    "B4": "Fewer scopes allowed: the tokens carry just those",
    "B5": "Asked again: the page marks what is new",
    "B6": "Public apps ask every time",
    "B7": "Scopes changed: grants die, the person is asked again",
    "B8": "App names: escaped, shortened, callback host and owner beside them",
    "B9": "Deny: `state` alone for the walkthrough's request, else `access_denied`",
    "B10": "Every redirect is a 303",
    "B11": "The session changes at log-in",
    "B12": "Log-in lockout holds in parallel; accounts cannot be told apart",
    "B13": "No click in the page's first half second",
    "T1": "The documented request as form, JSON and multipart",
    "T2": "POST only; nothing in the query but the bare `refresh`",
    "T3": "A parameter twice, or not text: `invalid_request`",
    "T4": "Oversized and hostile bodies are refused quickly",
    "T5": "A second use of a code revokes what the first gave",
    "T6": "One code fifty times at once: one success, all of it revoked",
    "T7": "A code ends after five minutes",
    "T8": "A code of app A with the credentials of app B",
    "T9": "Wrong client: `invalid_client`, 401, code still good",
    "T10": "Basic credentials are form-decoded",
    "T11": "Two ways to authenticate at once are refused",
    "T12": "The PKCE verifier must fit",
    "T13": "A verifier without a challenge is refused",
    "T14": "Three wrong verifiers kill the code",
    "T15": "Another `redirect_uri` is refused",
    "T16": "`redirect_uri` may be left out",
    "T17": "`state` is checked when it is sent",
    "T18": "The answer: fields, types, not cached",
    "T19": "Errors in the dialect of the request",
    "T20": "Other grant types: `unsupported_grant_type`",
    "T21": "Password reset or suspension before redemption",
    "T22": "Wrong id, secret and code take alike",
    "T23": "`error_description` holds only what RFC 6749 allows",
    "R1": "The documented refresh; rotation in the standard profile",
    "R2": "A replaced token: the whole grant dies, the person is told",
    "R3": "One refresh token fifty times at once: one pair, the same answer",
    "R4": "Still refused after a restart and after the clean-up",
    "R5": "A database failure in the middle changes nothing",
    "R6": "A storage error while revoking: 503",
    "R7": "Another app's refresh token is refused and revoked",
    "R8": "Without client credentials: as the app says",
    "R9": "A wrong secret is never ignored",
    "R10": "Wider scope refused, narrower given",
    "R11": "No token passes for another kind",
    "R12": "Rotated tokens end when idle, and in any case after a year",
    "R13": "Dead at the next request after revocation of any kind",
    "R14": "A stale token costs the same in a large family",
    "R15": "Refreshing a pending pair fails and uses nothing up",
    "R16": "A suspended person: no new tokens, nothing used up, all good again afterwards",
    "S1": "No token: 401 with a challenge and `resource_metadata`",
    "S2": "Unknown, expired, revoked: 401, one text",
    "S3": "Scope missing: 403 `insufficient_scope`",
    "S4": "A token in query or body does not count",
    "S5": "One header, one space, one token",
    "S6": "Key and token together: 400",
    "S7": "An app sees only what was made with it",
    "S8": "The user's rights of now; an app never has operator rights",
    "S9": "A `resource` that is not this server is refused",
    "S10": "Revoked: refused at once on every process",
    "S11": "DPoP is neither announced nor taken",
    "S12": "A token is Bearer and nothing else",
    "S13": "No secret in database, files or log",
    "S14": "256 bit, b64token alphabet",
    "M1": "Revocation: family, token, nothing",
    "M2": "Another app's token stays alive; public apps may revoke theirs",
    "M3": "Revoked grants leave the connected-apps page",
    "M4": "Introspection: the app's own working access tokens only",
    "M5": "Metadata say what works; the issuer never has a path",
    "M6": "Forged Host headers change nothing",
    "M7": "Pushed requests are neither announced nor taken",
    "M8": "Client assertions are neither announced nor taken",
    "M9": "Callbacks that cannot be registered",
    "M10": "A rotated secret works until its end",
    "M11": "No inside address is ever called",
    "M12": "account/create: bad input named, limited, nothing left behind",
    "M13": "Its tokens work after confirmation and consent only",
    "M14": "Deny kills the pair; no other way wakes it",
    "M15": "The confirmation link goes by mail only, once",
    "M16": "account/verify is limited and audited",
}
ACCESS = "tests/signature_requests/test_access.py"
LOG_IN = "tests/accounts/test_log_in.py"
ELSEWHERE = {
    "B11": [f"{LOG_IN}::test_session_is_new_at_log_in"],
    "B12": [
        f"{LOG_IN}::test_no_telling_unknown_from_wrong",
        f"{LOG_IN}::test_unknown_takes_as_long_as_wrong",
        f"{LOG_IN}::test_parallel_tries_count_each",
        f"{LOG_IN}::test_limit_holds_across_processes",
    ],
    "S7": [f"{ACCESS}::test_a_token_sees_only_its_apps_requests"],
    "M11": ["tests/events/test_callbacks.py::test_what_was_allowed_when_saved_is_checked_again_when_called"],
    "M16": ["tests/accounts/test_api.py::test_verify_is_limited_and_audited"],
    "V15": [f"{LOG_IN}::test_parallel_tries_count_each"],
    "V16": [f"{LOG_IN}::test_one_network_counts_as_one"],
}
SAME_AS = {"V10": "R5", "V11": "M8", "V17": "T20", "V36": "M8", "V44": "B9"}
"""Known vulnerabilities that a row's tests cover without carrying the number (V17: there is no device grant)."""

VULNERABILITIES = [f"V{number}" for number in range(1, 49)]
_NUMBERED = re.compile(r"test_((?:[ABTRSMV]\d+_)+)")


@cache
def rows_tested() -> dict[str, list[str]]:
    """The tests of this folder by the numbers in their names."""
    found: dict[str, list[str]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for name in functions_of(path):
            numbered = _NUMBERED.match(name)
            for row in numbered.group(1).rstrip("_").split("_") if numbered else []:
                found.setdefault(row, []).append(f"tests/oauth/{path.name}::{name}")
    return found


def functions_of(path: Path) -> list[str]:
    """The names of a module's functions."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node.name for node in nodes if isinstance(node, ast.FunctionDef)]


def table() -> str:
    """The checklist as Markdown."""
    own = rows_tested()
    lines = ["| Row | What must happen | Tests |", "|---|---|---|"]
    for row, words in ROWS.items():
        lines.append(f"| {row} | {words} | {_shown(own.get(row, []) + ELSEWHERE.get(row, []))} |")
    lines += ["", "| Known vulnerability | Tests |", "|---|---|"]
    for row in VULNERABILITIES:
        tests = own.get(row, []) + ELSEWHERE.get(row, []) + own.get(SAME_AS.get(row, ""), [])
        lines.append(f"| {row} | {_shown(tests)} |")
    return "\n".join(lines)


def _shown(tests: list[str]) -> str:
    by_file: dict[str, list[str]] = {}
    for test in dict.fromkeys(tests):
        path, _, name = test.partition("::")
        by_file.setdefault(path.removeprefix("tests/"), []).append(f"`{name.removeprefix('test_')}`")
    return "<br>".join(f"{path}: {', '.join(names)}" for path, names in by_file.items())


def document_with_table(document: str) -> str:
    """``document`` with the table between its marks."""
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document_with_table(DOCUMENT.read_text()))
