"""HTTP at the rim: routing opens transactions, authenticates, limits, decodes, calls an edge and renders."""

from .app import Edges, build_app
from .authentication import Authenticated, Schemes
from .endpoints import (
    ApiRequest,
    FileReply,
    Page,
    Protocol,
    Raw,
    Redirect,
    Reply,
    Told,
    Visit,
    form,
    page,
    prepares,
    raw,
    reads,
    writes,
)
from .links import local_path, sign_in_path
from .operation import Operation

__all__ = [
    "ApiRequest",
    "Authenticated",
    "Edges",
    "FileReply",
    "Operation",
    "Page",
    "Protocol",
    "Raw",
    "Redirect",
    "Reply",
    "Schemes",
    "Told",
    "Visit",
    "build_app",
    "form",
    "local_path",
    "page",
    "prepares",
    "raw",
    "reads",
    "sign_in_path",
    "writes",
]
