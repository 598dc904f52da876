"""Tables that keep long lists quick (decisions/0081): how many requests stand where, which words they hold."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from paraph.kit.db import BigId, Utc, metadata

WORD_CHARACTERS = 40

Word = String(WORD_CHARACTERS).with_variant(String(WORD_CHARACTERS, collation="C"), "postgresql")
"""Ordered by code point on both engines, so that the words with one beginning stand together."""

FIELD_CHARACTERS = 10
WordInField = String(FIELD_CHARACTERS + WORD_CHARACTERS).with_variant(
    String(FIELD_CHARACTERS + WORD_CHARACTERS, collation="C"), "postgresql"
)

request_blocks = Table(
    # a stretch of the requests that an account sent, from ``first_pk`` up to the next block of the same list
    "request_blocks",
    metadata,
    Column("account_pk", BigId, primary_key=True, autoincrement=False),
    # 0: sent with any app or none
    Column("app_pk", BigId, primary_key=True, autoincrement=False),
    Column("first_pk", BigId, primary_key=True, autoincrement=False),
    # how many of them the account's list shows
    Column("shown", Integer, nullable=False),
    # 0: to be looked at next
    Column("checked_at", Utc, nullable=False, index=True),
)

request_blocks_end = Table(
    # one row: up to which request all are in blocks
    "request_blocks_end",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_pk", BigId, nullable=False),
)

request_terms = Table(
    # the words of ``request_words``, each once for a request, cut to their beginnings. No foreign keys: there are
    # dozens for a request, requests are never deleted, and what is found here is looked at before it counts
    "request_terms",
    metadata,
    Column("account_pk", BigId, primary_key=True, autoincrement=False),
    Column("word", Word, primary_key=True),
    Column("request_pk", BigId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

request_word_counts = Table(
    # how many of a full block's shown requests hold a word in a field ("title:lease") or in any (":lease"), where
    # they are not few; and with no word, how many there were when the words were counted
    "request_word_counts",
    metadata,
    Column("account_pk", BigId, primary_key=True, autoincrement=False),
    Column("app_pk", BigId, primary_key=True, autoincrement=False),
    Column("word", WordInField, primary_key=True),
    Column("first_pk", BigId, primary_key=True, autoincrement=False),
    Column("found", Integer, nullable=False),
    Index("ix_request_word_counts_block", "account_pk", "app_pk", "first_pk"),
    sqlite_with_rowid=False,
)
