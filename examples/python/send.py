"""Step 3: send a document for signature on behalf of the user who authorised the app."""

import sys

from common import SAMPLE, client, recall, remember
from dropbox_sign import api, models

signer = sys.argv[1] if len(sys.argv) > 1 else "jack@example.com"

with client(token=recall()["access_token"]) as connection, SAMPLE.open("rb") as file:
    sent = (
        api.SignatureRequestApi(connection)
        .signature_request_send(
            models.SignatureRequestSendRequest(
                title="NDA with Acme Co.",
                subject="The NDA we talked about",
                message="Please sign this NDA and then we can discuss more.",
                signers=[models.SubSignatureRequestSigner(name="Jack", email_address=signer, order=0)],
                cc_email_addresses=["lawyer@example.com"],
                files=[file],
                metadata={"custom_id": 1234, "custom_text": "NDA #9"},
                signing_options=models.SubSigningOptions(
                    draw=True, type=True, upload=True, phone=False, default_type="draw"
                ),
                field_options=models.SubFieldOptions(date_format="DD - MM - YYYY"),
                test_mode=True,
            )
        )
        .signature_request
    )
remember(signature_request_id=sent.signature_request_id)
print("sent", sent.signature_request_id, "to", sent.signatures[0].signer_email_address)
