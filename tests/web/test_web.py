"""Home, mailbox, health, error pages, static files, security headers."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from paraph.documents import SealingIdentity
from paraph.kit.mail import Letter, send_letter
from tests.harness import Server, running_server
from tests.helpers.accounts import log_in, make_person


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory):
    with running_server(tmp_path_factory.mktemp("data")) as server:
        yield server


def mail(server: Server, **more: str) -> None:
    letter = Letter(
        to="ann@example.com",
        subject=more.get("subject", "A <b>subject</b>\nwith a break"),
        paragraphs=("First & foremost.", "Second\nparagraph."),
        facts=(("Title", "NDA <1>"),),
        quote="Please <script>sign</script>",
        button="Open it",
        link="https://example.com/open?a=1&b=2",
        footnotes=("Report abuse: abuse@example.com",),
    )
    server.write(lambda tx: send_letter(tx, letter, kit=server.kit))


def test_home(site: Server) -> None:
    out = site.client().get("/")
    assert out.status_code == 200 and 'href="/signup"' in out.text and 'href="/login"' in out.text
    inside = log_in(site, make_person(site)).get("/")
    assert "/settings/connected-apps" in inside.text and "/requests" in inside.text


def test_mailbox_json_has_exactly_these_fields(site: Server) -> None:
    mail(site, subject="first")
    mail(site, subject="second")
    mails = httpx.get(f"{site.url}/mailbox.json").json()
    assert [entry["subject"] for entry in mails[-2:]] == ["first", "second"], "newest last"
    for entry in mails:
        assert set(entry) == {"to", "from", "subject", "text", "html", "sent_at"}
    assert mails[-1]["sent_at"] == site.clock.now()


def test_letters_say_the_same_twice(site: Server) -> None:
    mail(site)
    kept = httpx.get(f"{site.url}/mailbox.json").json()[-1]
    assert kept["subject"] == "A <b>subject</b> with a break"
    assert "<script>" not in kept["html"] and "<script>sign</script>" in kept["text"]
    assert kept["html"].count("https://example.com/open?a=1&amp;b=2") == 2
    assert kept["text"].count("https://example.com/open?a=1&b=2") == 1
    shown = re.sub(r"<br>", "\n", kept["html"])
    for words in ("First &amp; foremost.", "Second\nparagraph.", "NDA &lt;1&gt;", "Report abuse: abuse@example.com"):
        assert words in shown
    assert len(re.findall(r"<a ", kept["html"])) == 1, "one link a mail"


def test_mailbox_pages(site: Server) -> None:
    mail(site)
    box = httpx.get(f"{site.url}/mailbox")
    assert "A &lt;b&gt;subject&lt;/b&gt; with a break" in box.text
    number = re.search(r'href="/mailbox/(\d+)"', box.text)
    assert number is not None
    page = httpx.get(f"{site.url}/mailbox/{number[1]}")
    assert "<script>sign" not in page.text and "sandbox=" in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    framed = httpx.get(f"{site.url}/mailbox/{number[1]}/html")
    policy = framed.headers["content-security-policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy and "sandbox" in policy
    assert framed.headers["x-frame-options"] == "SAMEORIGIN"
    for odd in ("0", "999999", "x", "%00", "9" * 400):
        assert httpx.get(f"{site.url}/mailbox/{odd}").status_code == 404


def test_mailbox_is_for_this_machine_only(tmp_path: Path) -> None:
    with running_server(tmp_path, trusted_proxies="127.0.0.1") as server:
        for path in ("/mailbox", "/mailbox.json", "/mailbox/1", "/mailbox/1/html"):
            for header in ("X-Forwarded-For", "Forwarded"):
                assert server.client(headers={header: "127.0.0.1"}).get(path).status_code == 404


def test_mailbox_is_gone_with_a_mail_server(tmp_path: Path) -> None:
    with running_server(tmp_path, smtp_host="127.0.0.1") as server:
        for path in ("/mailbox", "/mailbox.json", "/mailbox/1", "/mailbox/1/html"):
            assert server.client().get(path).status_code == 404
        assert "Mailbox" not in server.client().get("/").text


def test_health(server: Server) -> None:
    healthy = server.client().get("/healthz")
    assert (healthy.status_code, healthy.text) == (200, "ok\n")
    assert "set-cookie" not in healthy.headers
    ready = server.client().get("/readyz")
    assert ready.status_code == 200
    told = ready.json()
    assert told.pop("disk_free_bytes") > 0
    assert told == {
        "ready": True,
        "database": "answers",
        "schema": "current",
        "seal": "ready",
        "files": "ready",
        "queue": {"due": 0, "oldest_wait_seconds": 0, "failed": 0},
        "stuck": [],
    }
    server.write(lambda tx: server.kit.queue.enqueue(tx, "nobody.knows"))
    server.move(301)
    late = server.client().get("/readyz")
    assert late.status_code == 503
    assert late.json()["queue"] == {"due": 1, "oldest_wait_seconds": 301, "failed": 0}
    assert server.client().head("/healthz").status_code == 200


def test_ready_says_so_when_nothing_can_be_sealed(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        key = server.kit.service(SealingIdentity).key_file
        key.rename(key.with_suffix(".away"))
        answer = server.client().get("/readyz")
        assert answer.status_code == 503 and "cannot be read" in answer.json()["seal"]


def test_ready_says_so_when_the_database_is_gone(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        server.write(lambda tx: tx.connection.exec_driver_sql("DROP TABLE jobs"))
        assert server.client().get("/healthz").status_code == 200
        answer = server.client().get("/readyz")
        assert answer.status_code == 503 and answer.json() == {"ready": False, "database": "does not answer"}


def test_error_pages(site: Server) -> None:
    missing = site.client().get("/nothing/here")
    assert missing.status_code == 404 and "Page not found" in missing.text and "<h1>" in missing.text
    assert site.client().get("/v3/nothing").json()["error"]["error_name"] == "not_found"
    forged = site.client().post("/login", data={"email": "a", "password": "b"})
    assert forged.status_code == 403 and "Not allowed" in forged.text


def test_headers_of_every_page(site: Server) -> None:
    for path in ("/", "/login", "/signup", "/reset", "/confirm/x", "/nothing", "/mailbox"):
        headers = site.client().get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_pages_are_small_and_ask_nobody_else(site: Server) -> None:
    client = log_in(site, make_person(site))
    for path in ("/", "/settings", "/settings/keys", "/settings/callback", "/mailbox"):
        page = client.get(path)
        files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text)
        assert " style=" not in page.text and "<script>" not in page.text and " onclick" not in page.text
        total = len(page.content)
        for address in files:
            found = client.get(address)
            assert found.status_code == 200
            assert "max-age" in found.headers["cache-control"] and "?v=" in address
            total += len(found.content)
        assert total < 100_000
