"""Step 2: wait for the user's browser to come back with a code, and exchange it for tokens."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from common import PORT, client, recall, remember
from dropbox_sign import api, models

known = recall()
answers: list[dict[str, str]] = []


class Callback(BaseHTTPRequestHandler):
    """The app's OAuth callback URL."""

    def do_GET(self) -> None:
        answers.append({name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Thank you. You can close this page.")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


server = HTTPServer(("localhost", PORT), Callback)
print("Open in your browser and press Accept:\n ", known["authorize_url"], flush=True)
while not answers:
    server.handle_request()
answer = answers[0]

if answer.get("state") != known["state"]:
    raise SystemExit("The state does not match: this answer does not belong to our request.")
if "code" not in answer:
    raise SystemExit("The user denied access.")

with client() as connection:
    tokens = api.OAuthApi(connection).oauth_token_generate(
        models.OAuthTokenGenerateRequest(
            client_id=known["client_id"],
            client_secret=known["client_secret"],
            code=answer["code"],
            grant_type="authorization_code",
            state=known["state"],
        )
    )
remember(access_token=tokens.access_token, refresh_token=tokens.refresh_token)
print("access token works for", tokens.expires_in, "seconds")
