"""What the steps share: the server's address, and a file that keeps what one step learns for the next."""

import json
import os
from pathlib import Path

from dropbox_sign import ApiClient, Configuration

URL = os.environ.get("PARAPH_URL", "http://localhost:8000")
PORT = int(os.environ.get("WALKTHROUGH_PORT", "8765"))
CALLBACK = f"http://localhost:{PORT}/callback"
EVENTS = f"http://localhost:{PORT + 1}/events"
STATE = Path(os.environ.get("WALKTHROUGH_STATE", "walkthrough.json"))
SAMPLE = Path(__file__).parent.parent / "nda.pdf"


def client(*, token: str | None = None) -> ApiClient:
    """The SDK's client, pointed at Paraph: the one line that differs from the vendor's samples."""
    host = f"{URL}/v3"
    if token:
        return ApiClient(Configuration(host=host, access_token=token, ignore_operation_servers=True))
    key = os.environ.get("PARAPH_API_KEY", "")
    return ApiClient(Configuration(host=host, username=key, ignore_operation_servers=True))


def remember(**facts: object) -> None:
    """Add to what is kept."""
    STATE.write_text(json.dumps(recall() | facts, indent=2))


def recall() -> dict:
    """What is kept so far."""
    return json.loads(STATE.read_text()) if STATE.exists() else {}
