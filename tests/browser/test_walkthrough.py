"""The OAuth walkthrough from the first click to the verified file, in one browser and one small app."""

from __future__ import annotations

import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from paraph.documents import SealingIdentity
from tests.browser.conftest import DESK, PHONE, OpenContext, check_accessibility, shoot, wait_for
from tests.browser.far_side import FarSide, far_side
from tests.browser.test_signing import draw_with_finger
from tests.harness import Server
from tests.helpers.signing import EXAMPLE

pytestmark = pytest.mark.browser

OWNER, SIGNER = "jack@example.com", "jill@example.com"
PASSWORD = "correct horse battery staple"
ALWAYS = ("signature_request_sent", "signature_request_viewed", "signature_request_signed")
AT_THE_END = ("signature_request_all_signed", "signature_request_downloadable")


def test_the_whole_walkthrough(site: Server, open_context: OpenContext, tmp_path: Path) -> None:
    with far_side() as app:
        desk = open_context(DESK)
        page = desk.new_page()
        sign_up(page, site)
        confirm(page, site)
        client_id, secret, url = create_app(page, site, app)
        tokens = authorise(page, site, app, url, client_id, secret)
        request_id = send_document(site, tokens["access_token"])
        target = sign_on_a_phone(site, open_context(PHONE), tmp_path / "signed.pdf")
        files = httpx.get(
            f"{site.url}/v3/signature_request/files/{request_id}", headers=bearer(tokens["access_token"])
        )
        assert files.content == target.read_bytes(), "sender and signer get the same file"
        check_seal(target, site.kit.service(SealingIdentity))
        wait_for(lambda: set(ALWAYS + AT_THE_END) <= set(app.event_types))
        assert [kind for kind in app.event_types if kind in ALWAYS] == list(ALWAYS)
        assert all(event["event"]["event_metadata"]["reported_for_app_id"] == client_id for event in app.events)
        revoke(page, site, tokens["access_token"], request_id)


def sign_up(page: Page, site: Server) -> None:
    page.goto(site.url)
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("Name").fill("Jack Example")
    page.get_by_label("Email address").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("Confirm your address")).to_be_visible()


def confirm(page: Page, site: Server) -> None:
    """Through the mailbox page, as a newcomer does."""
    page.goto(f"{site.url}/mailbox")
    page.get_by_role("link", name=f"To {OWNER}").first.click()
    page.goto(mailed_link(site, OWNER, "/confirm"))
    page.get_by_role("button", name="Confirm account").click()
    expect(page.get_by_text("Confirm your address:")).to_have_count(0)


def create_app(page: Page, site: Server, app: FarSide) -> tuple[str, str, str]:
    """Fill the four fields; return client id, secret and the authorization URL to copy."""
    page.goto(f"{site.url}/settings/api")
    page.get_by_role("link", name="Create app").first.click()
    page.get_by_label("App name").fill("Harbour Homes")
    page.get_by_label("OAuth callback URL").fill(f"{app.address}/callback")
    page.get_by_label("Event callback URL").fill(f"{app.address}/events")
    for scope in ("basic_account_info", "request_signature"):
        page.locator(f'input[name="scopes"][value="{scope}"]').check()
    page.get_by_role("button", name="Create app").click()
    expect(page.get_by_role("heading", name="Harbour Homes")).to_be_visible()
    page.get_by_text("Show the secret").click()
    shoot(page, "walkthrough-1-app", full=True)
    words = [
        page.locator(f"#{name}").inner_text().strip() for name in ("client-id", "client-secret", "authorization-url")
    ]
    return words[0], words[1], words[2]


def authorise(page: Page, site: Server, app: FarSide, url: str, client_id: str, secret: str) -> dict[str, str]:
    """Deny, then accept; exchange the code."""
    state = parse_qs(urlsplit(url).query)["state"][0]
    page.goto(url)
    expect(page.get_by_role("heading", name="Harbour Homes")).to_be_visible()
    shoot(page, "walkthrough-2-consent", full=True)
    check_accessibility(page)
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert app.last_query.get("state") == state
    assert "code" not in app.last_query
    page.goto(url)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert app.last_query["state"] == state
    body = {
        "grant_type": "authorization_code",
        "state": state,
        "code": app.last_query["code"],
        "client_id": client_id,
        "client_secret": secret,
    }
    answer = httpx.post(f"{site.url}/oauth/token", json=body)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    assert {"access_token", "token_type", "expires_in", "refresh_token", "account_id", "state"} <= set(tokens)
    return tokens


def send_document(site: Server, token: str) -> str:
    fields = {
        "title": "Lease agreement, 12 Harbour Street",
        "subject": "Please sign the lease",
        "message": "Dear Jill,\nhere is the lease we talked about.",
        "signers[0][name]": "Jill Signer",
        "signers[0][email_address]": SIGNER,
        "test_mode": "1",
    }
    files = {"files[0]": ("lease.pdf", EXAMPLE.read_bytes(), "application/pdf")}
    answer = httpx.post(
        f"{site.url}/v3/signature_request/send", headers=bearer(token), data=fields, files=files, timeout=30
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["signature_request"]["signature_request_id"])


def sign_on_a_phone(site: Server, phone: BrowserContext, target: Path) -> Path:
    wait_for(lambda: any(mail["to"] == SIGNER for mail in site.mails()))
    page = phone.new_page()
    page.goto(mailed_link(site, SIGNER, "/sign/"))
    expect(page.get_by_text("It was sent with the app Harbour Homes on behalf of Jack Example.")).to_be_visible()
    page.get_by_role("link", name="Continue", exact=True).click()
    page.get_by_label("I agree to use electronic records").check()
    page.get_by_role("button", name="Agree and continue").click()
    draw_with_finger(page, page.get_by_role("img", name="Box to draw your signature in"))
    page.get_by_role("button", name="Sign here").click()
    page.get_by_role("button", name="Agree and finish").click()
    expect(page.get_by_role("heading", name=re.compile("you have signed|Everyone has signed"))).to_be_visible()
    done = page.get_by_role("heading", name="Everyone has signed")
    wait_for(lambda: page.reload() and done.is_visible())
    shoot(page, "walkthrough-3-signed")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download the document").click()
    fetched.value.save_as(target)
    return target


def check_seal(path: Path, identity: SealingIdentity) -> None:
    """Two programs that are not ours accept the file, and it says who signed, for whom and through which app."""
    told = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    reader = PdfFileReader(io.BytesIO(path.read_bytes()))
    (signature,) = reader.embedded_regular_signatures
    roots = list(load_certs_from_pemder_data(b"".join(identity.roots)))
    trusted = ValidationContext(trust_roots=roots, allow_fetching=False)
    # pyHanko wants an event loop of its own, and the browser's is running in this thread
    with ThreadPoolExecutor(1) as apart:
        verdict = apart.submit(validate_pdf_signature, signature, trusted).result()
    assert verdict.bottom_line, verdict.pretty_print_details()
    words = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    for said in ("Jill Signer", "Jack Example", "Harbour Homes", "Agree and finish"):
        assert said in words, said


def revoke(page: Page, site: Server, token: str, request_id: str) -> None:
    """The user takes the access back, and the token is dead at once."""
    address = f"{site.url}/v3/signature_request/{request_id}"
    assert httpx.get(address, headers=bearer(token)).status_code == 200
    page.goto(f"{site.url}/settings/connected-apps")
    expect(page.get_by_text("Harbour Homes").first).to_be_visible()
    shoot(page, "walkthrough-4-connected", full=True)
    page.get_by_role("button", name=re.compile("^(Revoke|Disconnect|Stop)")).first.click()
    wait_for(lambda: httpx.get(address, headers=bearer(token)).status_code == 401)


def mailed_link(site: Server, to: str, containing: str) -> str:
    for mail in reversed(site.mails()):
        if mail["to"] == to:
            for link in re.findall(r"https?://\S+", mail["text"]):
                if containing in link:
                    return str(link)
    raise AssertionError(f"no mail to {to} has a link with {containing}")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
