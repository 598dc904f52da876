"""The one table of the vendor's API: each operation, its address, and the scopes of which a token needs one.

``main`` binds the rooms' endpoints to it by operation id; routing enforces it; a test compares it with the vendor's
published OpenAPI file. An operation without an endpoint is authenticated like any other, then answered with 404.
"""

from __future__ import annotations

from dataclasses import replace

from paraph.kit.http import Operation

ACCOUNT = frozenset({"account_access"})
ACCOUNT_OR_BASIC = frozenset({"account_access", "basic_account_info"})
API_APP = frozenset({"api_app_access"})
REQUESTS_EITHER = frozenset({"request_signature", "signature_request_access"})
REQUESTS_USER_PAYS = frozenset({"signature_request_access"})
TEMPLATES = frozenset({"template_access"})
TEAM = frozenset({"team_access"})
API_KEY_ONLY: frozenset[str] = frozenset()

_TABLE = (
    Operation("accountCreate", "POST", "/account/create", ACCOUNT),
    Operation("accountGet", "GET", "/account", ACCOUNT_OR_BASIC),
    Operation("accountUpdate", "PUT", "/account", ACCOUNT),
    Operation("accountVerify", "POST", "/account/verify", ACCOUNT),
    Operation("apiAppCreate", "POST", "/api_app", API_APP, 201),
    Operation("apiAppGet", "GET", "/api_app/{client_id}", API_APP),
    Operation("apiAppUpdate", "PUT", "/api_app/{client_id}", API_APP),
    Operation("apiAppDelete", "DELETE", "/api_app/{client_id}", API_APP, 204),
    Operation("apiAppList", "GET", "/api_app/list", API_APP),
    Operation("bulkSendJobGet", "GET", "/bulk_send_job/{bulk_send_job_id}", REQUESTS_EITHER),
    Operation("bulkSendJobList", "GET", "/bulk_send_job/list", REQUESTS_EITHER),
    Operation("embeddedEditUrl", "POST", "/embedded/edit_url/{template_id}", TEMPLATES),
    Operation("embeddedSignUrl", "GET", "/embedded/sign_url/{signature_id}", REQUESTS_USER_PAYS),
    Operation("faxGet", "GET", "/fax/{fax_id}", API_KEY_ONLY),
    Operation("faxDelete", "DELETE", "/fax/{fax_id}", API_KEY_ONLY, 204),
    Operation("faxFiles", "GET", "/fax/files/{fax_id}", API_KEY_ONLY),
    Operation("faxLineAddUser", "PUT", "/fax_line/add_user", API_KEY_ONLY),
    Operation("faxLineAreaCodeGet", "GET", "/fax_line/area_codes", API_KEY_ONLY),
    Operation("faxLineCreate", "POST", "/fax_line/create", API_KEY_ONLY),
    Operation("faxLineGet", "GET", "/fax_line", API_KEY_ONLY),
    Operation("faxLineDelete", "DELETE", "/fax_line", API_KEY_ONLY),
    Operation("faxLineList", "GET", "/fax_line/list", API_KEY_ONLY),
    Operation("faxLineRemoveUser", "PUT", "/fax_line/remove_user", API_KEY_ONLY),
    Operation("faxList", "GET", "/fax/list", API_KEY_ONLY),
    Operation("faxSend", "POST", "/fax/send", API_KEY_ONLY),
    Operation("reportCreate", "POST", "/report/create", API_KEY_ONLY),
    Operation(
        "signatureRequestBulkCreateEmbeddedWithTemplate",
        "POST",
        "/signature_request/bulk_create_embedded_with_template",
        API_KEY_ONLY,
    ),
    Operation(
        "signatureRequestBulkSendWithTemplate",
        "POST",
        "/signature_request/bulk_send_with_template",
        REQUESTS_EITHER,
    ),
    Operation("signatureRequestCancel", "POST", "/signature_request/cancel/{signature_request_id}", REQUESTS_EITHER),
    Operation("signatureRequestCreateEmbedded", "POST", "/signature_request/create_embedded", REQUESTS_USER_PAYS),
    Operation(
        "signatureRequestCreateEmbeddedWithTemplate",
        "POST",
        "/signature_request/create_embedded_with_template",
        REQUESTS_USER_PAYS,
    ),
    Operation("signatureRequestEdit", "PUT", "/signature_request/edit/{signature_request_id}", REQUESTS_EITHER),
    Operation(
        "signatureRequestEditEmbedded",
        "PUT",
        "/signature_request/edit_embedded/{signature_request_id}",
        REQUESTS_USER_PAYS,
    ),
    Operation(
        "signatureRequestEditEmbeddedWithTemplate",
        "PUT",
        "/signature_request/edit_embedded_with_template/{signature_request_id}",
        REQUESTS_USER_PAYS,
    ),
    Operation(
        "signatureRequestEditWithTemplate",
        "PUT",
        "/signature_request/edit_with_template/{signature_request_id}",
        REQUESTS_EITHER,
    ),
    Operation("signatureRequestFiles", "GET", "/signature_request/files/{signature_request_id}", REQUESTS_EITHER),
    Operation(
        "signatureRequestFilesAsDataUri",
        "GET",
        "/signature_request/files_as_data_uri/{signature_request_id}",
        REQUESTS_EITHER,
    ),
    Operation(
        "signatureRequestFilesAsFileUrl",
        "GET",
        "/signature_request/files_as_file_url/{signature_request_id}",
        REQUESTS_EITHER,
    ),
    Operation("signatureRequestGet", "GET", "/signature_request/{signature_request_id}", REQUESTS_EITHER),
    Operation("signatureRequestList", "GET", "/signature_request/list", REQUESTS_EITHER),
    Operation(
        "signatureRequestReleaseHold",
        "POST",
        "/signature_request/release_hold/{signature_request_id}",
        REQUESTS_USER_PAYS,
    ),
    Operation("signatureRequestRemind", "POST", "/signature_request/remind/{signature_request_id}", REQUESTS_EITHER),
    Operation("signatureRequestRemove", "POST", "/signature_request/remove/{signature_request_id}", API_KEY_ONLY),
    Operation("signatureRequestSend", "POST", "/signature_request/send", REQUESTS_EITHER),
    Operation("signatureRequestSendWithTemplate", "POST", "/signature_request/send_with_template", REQUESTS_EITHER),
    Operation(
        "signatureRequestUpdate",
        "POST",
        "/signature_request/update/{signature_request_id}",
        REQUESTS_USER_PAYS,
    ),
    Operation("teamAddMember", "PUT", "/team/add_member", TEAM),
    Operation("teamCreate", "POST", "/team/create", TEAM),
    Operation("teamDelete", "DELETE", "/team/destroy", TEAM),
    Operation("teamGet", "GET", "/team", TEAM),
    Operation("teamUpdate", "PUT", "/team", TEAM),
    Operation("teamInfo", "GET", "/team/info", TEAM),
    Operation("teamInvites", "GET", "/team/invites", ACCOUNT_OR_BASIC),
    Operation("teamMembers", "GET", "/team/members/{team_id}", TEAM),
    Operation("teamRemoveMember", "POST", "/team/remove_member", TEAM, 201),
    Operation("teamSubTeams", "GET", "/team/sub_teams/{team_id}", TEAM),
    Operation("templateAddUser", "POST", "/template/add_user/{template_id}", TEMPLATES),
    Operation("templateCreate", "POST", "/template/create", TEMPLATES),
    Operation("templateCreateEmbeddedDraft", "POST", "/template/create_embedded_draft", TEMPLATES),
    Operation("templateDelete", "POST", "/template/delete/{template_id}", TEMPLATES),
    Operation("templateFiles", "GET", "/template/files/{template_id}", TEMPLATES),
    Operation("templateFilesAsDataUri", "GET", "/template/files_as_data_uri/{template_id}", TEMPLATES),
    Operation("templateFilesAsFileUrl", "GET", "/template/files_as_file_url/{template_id}", TEMPLATES),
    Operation("templateGet", "GET", "/template/{template_id}", TEMPLATES),
    Operation("templateList", "GET", "/template/list", TEMPLATES),
    Operation("templateRemoveUser", "POST", "/template/remove_user/{template_id}", TEMPLATES),
    Operation("templateUpdateFiles", "POST", "/template/update_files/{template_id}", TEMPLATES),
    Operation("unclaimedDraftCreate", "POST", "/unclaimed_draft/create", REQUESTS_USER_PAYS),
    Operation("unclaimedDraftCreateEmbedded", "POST", "/unclaimed_draft/create_embedded", REQUESTS_EITHER),
    Operation(
        "unclaimedDraftCreateEmbeddedWithTemplate",
        "POST",
        "/unclaimed_draft/create_embedded_with_template",
        REQUESTS_USER_PAYS,
    ),
    Operation(
        "unclaimedDraftEditAndResend",
        "POST",
        "/unclaimed_draft/edit_and_resend/{signature_request_id}",
        REQUESTS_EITHER,
    ),
)

COSTLY = frozenset(
    {
        "signatureRequestBulkCreateEmbeddedWithTemplate",
        "signatureRequestBulkSendWithTemplate",
        "signatureRequestCreateEmbedded",
        "signatureRequestCreateEmbeddedWithTemplate",
        "signatureRequestEdit",
        "signatureRequestEditEmbedded",
        "signatureRequestEditEmbeddedWithTemplate",
        "signatureRequestEditWithTemplate",
        "signatureRequestSend",
        "signatureRequestSendWithTemplate",
        "templateCreate",
        "templateCreateEmbeddedDraft",
        "templateUpdateFiles",
        "unclaimedDraftCreate",
        "unclaimedDraftCreateEmbedded",
        "unclaimedDraftCreateEmbeddedWithTemplate",
        "unclaimedDraftEditAndResend",
        "documentDetectFields",
        "faxSend",
        "reportCreate",
    }
)
"""What makes documents, or files of them. Which operations the vendor limits more than others it does not say."""

OPERATIONS = {operation.id: replace(operation, costly=operation.id in COSTLY) for operation in _TABLE}

_NEWER_TABLE = (Operation("documentDetectFields", "POST", "/document/detect_fields", REQUESTS_EITHER | TEMPLATES),)
NEWER_OPERATIONS = {operation.id: replace(operation, costly=operation.id in COSTLY) for operation in _NEWER_TABLE}
"""The vendor's, but only in its SDKs that are newer than its published file; which scopes it asks for is not said."""

_OWN_TABLE = (
    Operation(
        "signatureRequestEvidence", "GET", "/signature_request/evidence/{signature_request_id}", REQUESTS_EITHER
    ),
)
OWN_OPERATIONS = {operation.id: operation for operation in _OWN_TABLE}
"""Additions of ours, which the vendor does not have (docs/evidence.md)."""

ALIASES = (
    # what SDKs from before the OpenAPI file call (behaviour sheet, A, "Old routes worth serving")
    ("POST", "/account", "accountUpdate"),
    ("POST", "/api_app/{client_id}", "apiAppUpdate"),
    ("GET", "/signature_request/final_copy/{signature_request_id}", "signatureRequestFiles"),
)
