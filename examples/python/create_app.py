"""Step 1: register the app. Prints its client id and the address at which users authorise it."""

from urllib.parse import urlencode

from common import CALLBACK, EVENTS, URL, client, remember
from dropbox_sign import api, models

with client() as connection:
    created = (
        api.ApiAppApi(connection)
        .api_app_create(
            models.ApiAppCreateRequest(
                name="Walkthrough",
                domains=["localhost"],
                callback_url=EVENTS,
                oauth=models.SubOAuth(callback_url=CALLBACK, scopes=["request_signature", "basic_account_info"]),
            )
        )
        .api_app
    )

query = urlencode({"response_type": "code", "client_id": created.client_id, "state": "900e06e2"})
authorize_url = f"{URL}/oauth/authorize?{query}"
remember(
    client_id=created.client_id, client_secret=created.oauth.secret, state="900e06e2", authorize_url=authorize_url
)
print("client id:        ", created.client_id)
print("authorization URL:", authorize_url)
