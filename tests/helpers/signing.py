"""Documents sent for signature, and signers who act on the pages as a browser without scripts would."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.harness import Server
from tests.helpers.accounts import Person, fresh_address, mailed_link

EXAMPLE = Path(__file__).parents[2] / "examples" / "nda.pdf"
SCRIPT = {"by": "script"}
DRAWING = json.dumps({"lines": [[[0.1, 0.6], [0.3, 0.2], [0.5, 0.7]], [[0.6, 0.5], [0.9, 0.4]]], "aspect": 2})


@dataclass
class Signer:
    """A person with a signing link; ``base`` is the path of their page."""

    server: Server
    name: str
    email: str
    browser: httpx.Client
    base: str = ""

    def find_link(self) -> Signer:
        """Take the newest link from the mailbox."""
        self.base = mailed_link(self.server, self.email, "/sign/")
        return self

    def get(self, path: str = "", **more: Any) -> httpx.Response:
        return self.browser.get(self.base + path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return self.browser.post(self.base + path, data=data or {}, **more)

    def view(self) -> httpx.Response:
        return self.post("/view", SCRIPT)

    def agree(self) -> httpx.Response:
        version = re.search(r'name="disclosure" value="([^"]+)"', self.get().text)
        assert version is not None, "the page asks for no consent"
        return self.post("/consent", {"disclosure": version.group(1), "agree": "yes"})

    def adopt_typed(self, text: str = "", face: str = "caveat") -> httpx.Response:
        return self.post("/signature", {"method": "type", "text": text or self.name, "face": face})

    def adopt_drawn(self, strokes: str = DRAWING) -> httpx.Response:
        return self.post("/signature", {"method": "draw", "strokes": strokes})

    def adopt_picture(self, data: bytes, name: str = "signature.png") -> httpx.Response:
        return self.post("/signature", {"method": "upload"}, files={"picture": (name, data)})

    def finish_fields(self) -> dict[str, str]:
        """What the button of the review page sends."""
        page = self.get("/review")
        fingerprint = re.search(r'name="fingerprint" value="([^"]+)"', page.text)
        assert fingerprint is not None, f"no review page: {page.status_code} {page.headers.get('location')}"
        return {"fingerprint": fingerprint.group(1), "button": "Agree and finish", "time_zone": "Europe/Berlin"}

    def finish(self) -> httpx.Response:
        return self.post("/finish", self.finish_fields())

    def ready_to_finish(self) -> Signer:
        """Opened, agreed, adopted: one press is left."""
        assert self.view().status_code == 204
        assert self.agree().status_code == 303
        assert self.adopt_typed().status_code == 303
        return self

    def sign_now(self) -> Signer:
        """Opened and agreed before: adopt and finish."""
        assert self.adopt_typed().status_code == 303
        answer = self.finish()
        assert answer.status_code == 303, answer.text
        return self

    def sign(self) -> Signer:
        answer = self.ready_to_finish().finish()
        assert answer.status_code == 303, answer.text
        return self


@dataclass
class Sent:
    """A signature request and its signers, in order; ``sender`` is an API client."""

    server: Server
    sender: httpx.Client
    request_id: str
    signers: list[Signer] = field(default_factory=list)

    @property
    def signer(self) -> Signer:
        return self.signers[0]

    def json(self) -> dict[str, Any]:
        """The request as its sender sees it now."""
        answer = self.sender.get(f"/v3/signature_request/{self.request_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["signature_request"]
        return found

    def status(self, index: int = 0) -> str:
        return str(self.json()["signatures"][index]["status_code"])


def send(
    server: Server,
    sender: Person,
    *names: str,
    prepare: bool = True,
    ordered: bool = False,
    files: list[tuple[str, bytes]] | None = None,
    token: str = "",
    **options: Any,
) -> Sent:
    """Send a document to people of these names (default Jill); with ``prepare`` those whose turn it is have links."""
    client = server.api(token=token) if token else server.api(sender.api_key)
    people = [
        Signer(server, name, fresh_address(name.split()[0]), server.client()) for name in names or ("Jill Signer",)
    ]
    fields: dict[str, Any] = {"title": "Lease", "subject": "Please sign", "message": "Thank you.", "test_mode": "1"}
    for index, person in enumerate(people):
        fields[f"signers[{index}][name]"] = person.name
        fields[f"signers[{index}][email_address]"] = person.email
        if ordered:
            fields[f"signers[{index}][order]"] = str(index)
    fields |= {key: value if isinstance(value, str) else json.dumps(value) for key, value in options.items()}
    uploads = [("files[]", upload) for upload in files or [("lease.pdf", EXAMPLE.read_bytes())]]
    answer = client.post("/v3/signature_request/send", data=fields, files=uploads)
    assert answer.status_code == 200, answer.text
    sent = Sent(server, client, answer.json()["signature_request"]["signature_request_id"], people)
    if prepare:
        server.run_jobs()
        for person in people[:1] if ordered else people:
            person.find_link()
    return sent


@cache
def signature_picture(width: int = 600, height: int = 200, kind: str = "PNG") -> bytes:
    """A picture of a signature."""
    picture = Image.new("RGB", (width, height), "white")
    points = [(width * x, height * y) for x, y in ((0.1, 0.8), (0.3, 0.2), (0.5, 0.8), (0.9, 0.3))]
    ImageDraw.Draw(picture).line(points, fill="#0a176b", width=8)
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()
