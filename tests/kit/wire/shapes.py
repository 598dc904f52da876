"""A representative request of the vendor's API, as a room declares it."""

# ruff: noqa: RUF012 - msgspec copies an empty list or map of a struct's default for each instance

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType

from paraph.kit.wire import AtLeastOne, AtMostOne, Email, FilePart, Request, rule


class Signer(Request):
    email_address: Annotated[Email, rule(missing="Must specify an email_address for each signer")]
    name: Annotated[str, Meta(max_length=255)]
    order: int | None = None
    pin: Annotated[str, Meta(min_length=4, max_length=12)] | None = None


class SigningOptions(Request):
    default_type: Annotated[Literal["draw", "phone", "type", "upload"], rule(aliases=("default",))]
    draw: bool = False
    phone: bool = False
    type: bool = False
    upload: bool = False


class FormField(Request):
    document_index: int
    api_id: str
    type: str
    x: float
    y: float
    required: bool
    signer: int | str
    page: int | None = None


class CustomField(Request):
    name: str
    value: str | None = None
    required: bool = False


class Carbon(Request):
    role: str
    email_address: Email


class FieldOptions(Request):
    date_format: Literal["MM / DD / YYYY", "DD - MM - YYYY"]


class Send(Request):
    rules: ClassVar = (
        AtLeastOne("files", "file_urls", message="Must specify file(s) to be sent."),
        AtMostOne("files", "file_urls"),
    )

    signers: Annotated[list[Signer], Meta(min_length=1, max_length=20), rule(missing="No signers given")]
    files: Annotated[list[FilePart], rule(aliases=("file",))] = []
    file_urls: Annotated[list[str], rule(aliases=("file_url",))] = []
    title: Annotated[str, Meta(max_length=255)] | None = None
    subject: Annotated[str, Meta(max_length=255)] | None = None
    message: Annotated[str, Meta(max_length=5000)] | None = None
    test_mode: bool = False
    allow_decline: bool = False
    expires_at: int | None = None
    client_id: str | None = None
    cc_email_addresses: list[Email] = []
    metadata: Annotated[dict[str, Any], Meta(max_length=50)] = {}
    signing_options: SigningOptions | None = None
    field_options: FieldOptions | None = None
    form_fields_per_document: list[FormField] = []
    custom_fields: Annotated[list[CustomField], rule(keyed_by="name", value_as="value")] = []
    merge_fields: list[CustomField] = []


class SendWithTemplate(Request):
    template_ids: Annotated[list[str], Meta(min_length=1), rule(aliases=("template_id",))]
    signers: Annotated[list[RoleSigner], rule(keyed_by="role")]
    ccs: Annotated[list[Carbon], rule(keyed_by="role")] = []
    custom_fields: Annotated[list[CustomField], rule(keyed_by="name", value_as="value")] = []


class RoleSigner(Request):
    role: str
    name: str
    email_address: Email


class AppOAuth(Request):
    callback_url: str
    scopes: Annotated[list[str], rule(comma=True)]


class AppCreate(Request):
    name: str
    domains: Annotated[list[str], Meta(min_length=1, max_length=10), rule(aliases=("domain",))]
    oauth: AppOAuth | None = None
    custom_logo_file: FilePart | None = None


class AppUpdate(Request):
    name: str | None = None
    callback_url: Annotated[str, rule(empty_clears=True)] | None = None
    domains: Annotated[list[str], Meta(max_length=10), rule(aliases=("domain",))] | None = None
    oauth: Annotated[AppOAuth | UnsetType | None, rule(empty_clears=True)] = UNSET
    custom_logo_file: FilePart | None = None
    charges: Annotated[float, Meta(ge=0, lt=100)] | None = None
