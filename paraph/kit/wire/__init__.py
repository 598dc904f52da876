"""One decoder for request bodies, and the vendor's envelopes for answers. docs/wire.md shows its use."""

from paraph.kit.wire.body import Body, Encoding, read_body, tree_from_query
from paraph.kit.wire.decode import decode
from paraph.kit.wire.envelope import (
    ListInfo,
    Notice,
    Page,
    encode,
    error_body,
    list_info,
    read_page,
    with_warnings,
)
from paraph.kit.wire.files import FilePart
from paraph.kit.wire.limits import DEFAULT_LIMITS, Limits, TooLarge
from paraph.kit.wire.schema import AtLeastOne, AtMostOne, Email, Request, Together, rule
from paraph.kit.wire.strict import FlatEncoding, InvalidRequest, flat_encoding, strict_flat
from paraph.kit.wire.tree import Tree

__all__ = [
    "DEFAULT_LIMITS",
    "AtLeastOne",
    "AtMostOne",
    "Body",
    "Email",
    "Encoding",
    "FilePart",
    "FlatEncoding",
    "InvalidRequest",
    "Limits",
    "ListInfo",
    "Notice",
    "Page",
    "Request",
    "Together",
    "TooLarge",
    "Tree",
    "decode",
    "encode",
    "error_body",
    "flat_encoding",
    "list_info",
    "read_body",
    "read_page",
    "rule",
    "strict_flat",
    "tree_from_query",
    "with_warnings",
]
