"""The sentences of our OpenAPI document: a group, a summary and an example for each operation that is offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ABOUT = (
    "Send documents for signature, follow them, and fetch them sealed. The API follows the Dropbox Sign API v3, so "
    "its SDKs work with another base address. Bodies may be JSON, multipart/form-data or urlencoded; in forms, lists "
    "and members are written in brackets (signers[0][name]) or as JSON text. Times are seconds since 1970, UTC. "
    "Unknown parameters are ignored."
)

TAGS = {
    "Signature requests": "Send documents to people who sign them.",
    "Documents": "Look at documents before they are sent, and check sealed ones.",
    "Account": "The caller's own account.",
    "API apps": "Apps that people let act for them.",
    "OAuth": "How an app gets to act for a person (RFC 6749, 7009, 7662, 8414, 9728).",
}

PLACES = {
    "signature_request_id": "The id of the signature request, 40 hexadecimal digits.",
    "client_id": "The client id of the app, 32 hexadecimal digits.",
}

_REQUESTS, _DOCUMENTS, _ACCOUNT, _APPS, _OAUTH = TAGS


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of an operation. ``for_apps``: an app may say who it is by Basic credentials."""

    tag: str
    summary: str
    text: str = ""
    example: Mapping[str, Any] | None = None
    for_apps: bool = False


_SEND = {
    "title": "NDA with Acme Co.",
    "subject": "The NDA we talked about",
    "message": "Please sign this NDA.",
    "signers": [{"email_address": "jack@example.com", "name": "Jack", "order": 0}],
    "cc_email_addresses": ["lawyer@example.com"],
    "file_urls": ["https://www.example.com/nda.pdf"],
    "metadata": {"custom_id": 1234},
    "test_mode": True,
}
_APP = {
    "name": "My Production App",
    "domains": ["example.com"],
    "oauth": {
        "callback_url": "https://example.com/oauth",
        "scopes": ["basic_account_info", "request_signature"],
    },
}
_CLIENT = {"client_id": "cc91c61d00f8bb2ece1428035716b", "client_secret": "1d14434088507ffa390e6f5528465"}
_NOT_YET = "409 while the request is not complete."

WORDS: Mapping[str, Words] = {
    "signatureRequestSend": Words(
        _REQUESTS,
        "Send documents for signature",
        "Answered as soon as the request is stored for good; the documents are prepared and the mails sent right "
        "after. Give files, as multipart/form-data, or file_urls. Warnings say what was accepted, but not quite as "
        "asked.",
        _SEND,
    ),
    "signatureRequestGet": Words(_REQUESTS, "Look at a request"),
    "signatureRequestList": Words(
        _REQUESTS,
        "List requests",
        "Newest first. query narrows the list: words, or title:nda AND NOT complete:true, from:me, "
        "created:[2026-01-01 TO 2026-06-30].",
    ),
    "signatureRequestRemind": Words(
        _REQUESTS,
        "Remind a signer",
        "Only whose turn it is, and not within the hour.",
        {"email_address": "jack@example.com"},
    ),
    "signatureRequestCancel": Words(_REQUESTS, "Cancel a request", "Its signing links stop working at once."),
    "signatureRequestRemove": Words(
        _REQUESTS, "Remove a completed request from the account", "The signers keep their copies."
    ),
    "signatureRequestFiles": Words(
        _REQUESTS, "Download the sealed document", f"One PDF, or a ZIP of all files. {_NOT_YET}"
    ),
    "signatureRequestFilesAsDataUri": Words(_REQUESTS, "Download the document in base64", _NOT_YET),
    "signatureRequestFilesAsFileUrl": Words(
        _REQUESTS, "Get a download link", f"The link needs no credentials and works for some days. {_NOT_YET}"
    ),
    "signatureRequestEvidence": Words(
        _REQUESTS,
        "Download the evidence",
        "A ZIP with the sealed PDF, the audit chain, the certificates and a program that checks them without this "
        "server. An addition of Paraph.",
    ),
    "documentDetectFields": Words(
        _DOCUMENTS,
        "Find the fields in a document",
        "Text tags or form fields of a PDF that is not sent yet.",
        {"detection_mode": "text_tags", "file_url": "https://www.example.com/nda.pdf", "page_range": "all"},
    ),
    "verify": Words(
        _DOCUMENTS,
        "Check a sealed document",
        "Whether this server sealed the file, and whether it is unchanged since. Needs no credentials; nothing of "
        "the file is kept. An addition of Paraph.",
    ),
    "accountGet": Words(_ACCOUNT, "Look at the account", "Any other account is not found."),
    "accountUpdate": Words(
        _ACCOUNT,
        "Change the account",
        "An empty callback_url clears it.",
        {"callback_url": "https://www.example.com/callback", "locale": "en-US"},
    ),
    "accountVerify": Words(
        _ACCOUNT,
        "Ask whether an address has an account",
        "Some servers do not tell.",
        {"email_address": "someone@example.com"},
    ),
    "accountCreate": Words(
        _ACCOUNT,
        "Invite somebody to an account",
        "With an app's client_id and client_secret the answer holds tokens, which sleep until the person has opened "
        "the mailed link and agreed.",
        {"email_address": "newperson@example.com"},
    ),
    "apiAppCreate": Words(_APPS, "Register an app", "", _APP),
    "apiAppGet": Words(_APPS, "Look at an app"),
    "apiAppUpdate": Words(
        _APPS,
        "Change an app",
        "What is not given stays. A change of scopes ends all access that people gave the app.",
        {"name": "New name", "callback_url": "https://example.com/events"},
    ),
    "apiAppDelete": Words(_APPS, "Delete an app", "Its tokens stop working at once."),
    "apiAppList": Words(_APPS, "List apps"),
    "oauthToken": Words(
        _OAUTH,
        "Get or refresh tokens",
        "authorization_code takes code (and code_verifier), refresh_token takes refresh_token.",
        {"grant_type": "authorization_code", "code": "1b0d28d90c86c141", "state": "900e06e2", **_CLIENT},
        for_apps=True,
    ),
    "oauthTokenBelowV3": Words(
        _OAUTH,
        "Get or refresh tokens, for SDKs with one base address",
        "The same as /oauth/token.",
        {"grant_type": "refresh_token", "refresh_token": "hNTI2MTFmM2VmZDQxZTZjOWRmZmFjZmVmMGMyNGFjMzI2MGI5YzgzNmE3"},
        for_apps=True,
    ),
    "oauthRevoke": Words(
        _OAUTH,
        "Revoke a token",
        "A refresh token ends everything that the person gave; an access token itself. An unknown token is no error.",
        {"token": "hNTI2MTFmM2VmZDQxZTZjOWRmZmFjZmVmMGMyNGFjMzI2MGI5YzgzNmE3", **_CLIENT},
        for_apps=True,
    ),
    "oauthIntrospect": Words(
        _OAUTH,
        "Ask about an access token",
        "Active means: an API call with it would be let in now.",
        {"token": "MDZhYzBlMGI1YzQ0ODI1NzM3ODA1NzJhYWY1ZDQ1", **_CLIENT},
        for_apps=True,
    ),
    "oauthServerMetadata": Words(_OAUTH, "Metadata of the authorization server"),
    "oauthResourceMetadata": Words(_OAUTH, "Metadata of this server as a resource"),
    "oauthApiMetadata": Words(_OAUTH, "Metadata of the API as a resource"),
}
