"""Tables that keep long lists quick (decisions/0081): how many requests stand where, and which hold a word."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from paraph.kit.db import BigId, Utc, metadata

WORD_CHARACTERS = 40

Word = String(WORD_CHARACTERS).with_variant(String(WORD_CHARACTERS, collation="C"), "postgresql")
"""Ordered by code point on both engines, so that the words with one beginning stand together."""

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
