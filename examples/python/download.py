"""Step 5: wait until everyone has signed, then download the sealed PDF."""

import time
from pathlib import Path

from common import client, recall
from dropbox_sign import ApiException, api

CONFLICT = 409
known = recall()
with client(token=known["access_token"]) as connection:
    requests = api.SignatureRequestApi(connection)
    while not requests.signature_request_get(known["signature_request_id"]).signature_request.is_complete:
        time.sleep(1)
    while True:
        try:
            pdf = requests.signature_request_files(known["signature_request_id"], file_type="pdf")
            break
        except ApiException as error:
            if error.status != CONFLICT:  # still being sealed
                raise
            time.sleep(1)

target = Path("signed.pdf")
target.write_bytes(pdf.read() if hasattr(pdf, "read") else bytes(pdf))
print("downloaded", target, target.stat().st_size, "bytes")
