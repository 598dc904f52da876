"""The event types of the vendor's enumeration (behaviour sheet, E.5). Official SDKs refuse to parse any other."""

EVENT_TYPES = frozenset(
    {
        "account_confirmed",
        "callback_test",
        "file_error",
        "sign_url_invalid",
        "signature_request_all_signed",
        "signature_request_canceled",
        "signature_request_declined",
        "signature_request_destroyed",
        "signature_request_downloadable",
        "signature_request_email_bounce",
        "signature_request_expired",
        "signature_request_incomplete_qes",
        "signature_request_invalid",
        "signature_request_prepared",
        "signature_request_reassigned",
        "signature_request_remind",
        "signature_request_sent",
        "signature_request_signed",
        "signature_request_signer_removed",
        "signature_request_viewed",
        "template_created",
        "template_error",
        "unknown_error",
    }
)

CALLBACK_TEST = "callback_test"
