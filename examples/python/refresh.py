"""Step 4: get a new access token without asking the user again."""

from common import client, recall, remember
from dropbox_sign import api, models

known = recall()
with client() as connection:
    tokens = api.OAuthApi(connection).oauth_token_refresh(
        models.OAuthTokenRefreshRequest(
            grant_type="refresh_token",
            refresh_token=known["refresh_token"],
            client_id=known["client_id"],
            client_secret=known["client_secret"],
        )
    )
remember(access_token=tokens.access_token, refresh_token=tokens.refresh_token)
print("new access token for", tokens.expires_in, "seconds")
