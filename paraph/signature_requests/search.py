"""The query language of lists (behaviour sheet, F.10): a Lucene-like text becomes one SQL condition.

``title:NDA AND (from:me OR to:"Jack Black") AND created:[2026-01-01 TO 2026-06-30] AND complete:true``. Terms match
whole words, a trailing ``*`` their beginnings; terms without an operator between them must all match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse
from sqlalchemy import and_, exists, false, not_, or_, select

from paraph.kit.errors import BadRequest

from . import terms
from .lifecycle import OPEN_FOR_SIGNING, RequestState, SignatureStatus
from .listing_models import WORD_CHARACTERS
from .models import request_words, signature_requests, signatures

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select, SelectBase

    from paraph.kit.caller import Caller

    Condition = ColumnElement[bool]

TEXT_FIELDS = ("to", "from", "title", "subject", "message", "metadata", "filename")
FLAG_FIELDS = ("complete", "declined", "awaiting_my_signature", "test_mode")
FIELDS = (*TEXT_FIELDS, *FLAG_FIELDS, "created", "template")
DEEPEST = 20
MOST_TERMS = 50
FLAGS = {"true": True, "1": True, "false": False, "0": False}

_WORD = re.compile(r"\w+")
_ESCAPED = re.compile(r"\\(.)")


def searchable(text: str) -> str:
    """The words of ``text`` as they are kept for searching: folded, a blank around each."""
    return f" {' '.join(_words(text))} "


@dataclass(frozen=True, slots=True)
class Searched:
    """A query as read for one caller."""

    condition: Condition
    """On ``signature_requests``: what it means."""
    candidates: SelectBase | None
    """Keys that hold all it can find among what the caller sent; None if the index of words cannot tell."""
    word: tuple[str | None, str] | None
    """The field (or any) and the word, if it asks for one whole word and nothing else."""


def searched(query: str, caller: Caller) -> Searched:
    """Read a query; raises BadRequest."""
    try:
        parsed = parse(query)
    except (ParseError, ValueError, ArithmeticError) as error:  # it reads degrees (nda~., "a b"~1.5) as numbers
        raise _bad("it cannot be read") from error
    condition = _Reader(caller).read(parsed, 0)
    found = _candidates(parsed, caller.account_pk)
    candidates = None if found is None else terms.keys_of(found, caller.account_pk)
    return Searched(condition, candidates, _only_word(parsed))


class _Reader:
    """Reads one query: counts its terms, and knows who ``me`` is."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._terms = 0

    def read(self, node: Any, depth: int, field: str | None = None) -> Condition:
        if depth > DEEPEST:
            raise _bad(f"it is nested more than {DEEPEST} deep")
        if isinstance(node, tree.SearchField):
            return self._field(node, depth, field)
        if isinstance(node, tree.Group | tree.FieldGroup | tree.Plus):
            return self.read(node.children[0], depth + 1, field)
        if isinstance(node, tree.Not | tree.Prohibit):
            return not_(self.read(node.children[0], depth + 1, field))
        if isinstance(node, tree.OrOperation):
            return or_(*self._all(node, depth, field))
        if isinstance(node, tree.AndOperation | tree.UnknownOperation):
            return and_(*self._all(node, depth, field))
        return self._leaf(node, field)

    def _all(self, node: Any, depth: int, field: str | None) -> list[Condition]:
        return [self.read(child, depth + 1, field) for child in node.children]

    def _field(self, node: Any, depth: int, outer: str | None) -> Condition:
        if outer is not None:
            raise _bad(f"{node.name} stands inside {outer}")
        if node.name not in FIELDS:
            raise _bad(f"there is no field {node.name[:40]}; the fields are {', '.join(FIELDS)}")
        return self.read(node.children[0], depth + 1, node.name)

    def _leaf(self, node: Any, field: str | None) -> Condition:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise _bad(f"it has more than {MOST_TERMS} terms")
        if isinstance(node, tree.Range):
            if field != "created":
                raise _bad("only created takes a range")
            return _created_range(node)
        if not isinstance(node, tree.Word | tree.Phrase):
            raise _bad(f"{str(node).strip()[:40]} is not supported")
        text, is_prefix = _text_of(node)
        if field is None:
            return or_(*(self._text(name, text, is_prefix) for name in TEXT_FIELDS))
        if field in TEXT_FIELDS:
            return self._text(field, text, is_prefix)
        return self._special(field, text)

    def _text(self, field: str, text: str, is_prefix: bool) -> Condition:
        if text == "me" and field == "from":
            return signature_requests.c.account_pk == self._caller.account_pk
        if text == "me" and field == "to":
            return self._asked_me()
        words = " ".join(_words(text))
        if not words:
            raise _bad(f"“{text[:40]}” holds no word to look for")
        pattern = f"% {words}{'%' if is_prefix else ' %'}"
        # the words hold no blank of their own, so only the underscore has a meaning to LIKE
        found = request_words.c[field].like(pattern.replace("_", r"\_"), escape="\\")
        return exists(
            select(request_words.c.request_pk).where(request_words.c.request_pk == signature_requests.c.id, found)
        )

    def _special(self, field: str, text: str) -> Condition:
        if field == "created":
            day = _day(text)
            return and_(
                signature_requests.c.created_at >= _seconds(day),
                signature_requests.c.created_at < _seconds(day + timedelta(days=1)),
            )
        if field == "template":
            return false()  # no request of this release was made from one
        flag = FLAGS.get(text.lower())
        if flag is None:
            raise _bad(f"{field} must be true or false")
        columns = signature_requests.c
        meanings: dict[str, Callable[[], Condition]] = {
            "complete": lambda: columns.state == RequestState.COMPLETE.value,
            "declined": lambda: columns.state == RequestState.DECLINED.value,
            "test_mode": lambda: columns.test_mode.is_(True),
            "awaiting_my_signature": lambda: awaiting(self._caller),
        }
        return meanings[field]() if flag else not_(meanings[field]())

    def _asked_me(self) -> Condition:
        return _my_signature(self._caller)


def _only_word(node: Any, field: str | None = None) -> tuple[str | None, str] | None:
    """The word of a query that was read without fault, if it asks for nothing else."""
    if isinstance(node, tree.SearchField):
        return _only_word(node.children[0], node.name)
    if isinstance(node, tree.Group | tree.FieldGroup | tree.Plus):
        return _only_word(node.children[0], field)
    if not isinstance(node, tree.Word | tree.Phrase) or field not in (None, *TEXT_FIELDS):
        return None
    text, is_prefix = _text_of(node)
    words = _words(text)
    if is_prefix or len(words) != 1 or len(words[0]) > WORD_CHARACTERS or (text == "me" and field in ("from", "to")):
        return None
    return field, words[0]


def _candidates(node: Any, account_pk: int, field: str | None = None) -> terms.Candidates | None:
    """What the index of words says about a query that was read without fault."""
    if isinstance(node, tree.SearchField):
        return _candidates(node.children[0], account_pk, node.name)
    if isinstance(node, tree.Group | tree.FieldGroup | tree.Plus):
        return _candidates(node.children[0], account_pk, field)
    if isinstance(node, tree.BaseOperation):
        parts = [_candidates(child, account_pk, field) for child in node.children]
        known = [part for part in parts if part is not None]
        if isinstance(node, tree.OrOperation):
            return terms.any_of(known) if len(known) == len(parts) else None
        return max(known, key=lambda part: part.word_length, default=None)
    if not isinstance(node, tree.Word | tree.Phrase) or field not in (None, *TEXT_FIELDS):
        return None
    text, is_prefix = _text_of(node)
    if text == "me" and field in ("from", "to"):
        return None
    return terms.with_words(account_pk, _words(text), is_prefix=is_prefix)


def awaiting(caller: Caller) -> Condition:
    """The condition for requests that wait for this caller's signature now."""
    is_open = signature_requests.c.state.in_([state.value for state in OPEN_FOR_SIGNING])
    return and_(is_open, _my_signature(caller, waiting=True))


def waiting_keys(caller: Caller) -> Select[Any]:
    """Keys of requests in which this caller's signature waits."""
    columns = signatures.c
    address = caller.email_address.casefold() if caller.is_confirmed else ""
    waits = (columns.status == SignatureStatus.AWAITING.value, columns.invited_at.is_not(None))
    return select(columns.request_pk).where(columns.email_folded == address, *waits)


def _my_signature(caller: Caller, *, waiting: bool = False) -> Condition:
    columns = signatures.c
    address = caller.email_address.casefold() if caller.is_confirmed else ""
    mine = select(columns.id).where(columns.request_pk == signature_requests.c.id, columns.email_folded == address)
    if waiting:
        mine = mine.where(columns.status == SignatureStatus.AWAITING.value, columns.invited_at.is_not(None))
    return exists(mine)


def _text_of(node: Any) -> tuple[str, bool]:
    """The text of a word or phrase, and whether it ended in a star."""
    if isinstance(node, tree.Phrase):
        return _ESCAPED.sub(r"\1", node.value[1:-1]), False
    value = node.value
    is_prefix = value.endswith("*") and not value.endswith("\\*")
    core = value.removesuffix("*") if is_prefix else value
    if re.search(r"(?<!\\)[*?]", core) or not core:
        raise _bad("a * may only stand at the end of a word")
    return _ESCAPED.sub(r"\1", core), is_prefix


def _created_range(node: Any) -> Condition:
    column = signature_requests.c.created_at
    conditions: list[Condition] = []
    low, high = _bound(node.low), _bound(node.high)
    if low is not None:
        first = low if node.include_low else low + timedelta(days=1)
        conditions.append(column >= _seconds(first))
    if high is not None:
        after = high + timedelta(days=1) if node.include_high else high
        conditions.append(column < _seconds(after))
    return and_(*conditions) if conditions else column >= 0


def _bound(node: Any) -> datetime | None:
    text = str(node).strip().strip('"')
    return None if text == "*" else _day(text)


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise _bad("dates are written as 2026-12-31") from error
    if not 1970 <= day.year <= 9000:
        raise _bad("dates are written as 2026-12-31")
    return day


def _seconds(day: datetime) -> int:
    return int(day.timestamp())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _bad(reason: str) -> BadRequest:
    return BadRequest(f"query is not valid: {reason}.", path="query")
