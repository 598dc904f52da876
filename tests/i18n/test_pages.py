"""Signers read pages and mails in their language, and what they agreed to is recorded in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from paraph.kit.db import ReadTx
from paraph.kit.i18n import LANGUAGES, translator
from paraph.signature_requests import chain_of, load_for_signer
from paraph.signing import current_disclosure
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.signing import Sent, Signer, send

COMPLETE = ("ar", "de-DE", "es-ES", "fr-FR", "ja-JP", "pt-BR")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def sent(site: Server) -> Sent:
    """A request that no test of this module goes further with than its first view."""
    found = send(site, make_person(site, "Jack"), allow_decline="1")
    found.signer.view()
    return found


def speaking(sent: Sent, wish: str) -> Signer:
    """The same signer in a fresh browser that asks for this language."""
    own = sent.signer
    return Signer(own.server, own.name, own.email, own.server.client(headers={"Accept-Language": wish}), own.base)


def words(page: httpx.Response) -> str:
    return html.unescape(page.text)


def mails_to(server: Server, address: str) -> list[dict[str, Any]]:
    return [mail for mail in server.mails() if mail["to"] == address]


def events(sent: Sent) -> dict[str, dict[str, object]]:
    """The newest facts of each kind in the audit chain."""
    token = sent.signer.base.removeprefix("/sign/")

    def read(tx: ReadTx) -> dict[str, dict[str, object]]:
        view = load_for_signer(tx, token, sent.server.kit)
        return {str(event.facts["event"]): event.facts for event in chain_of(tx, view.request.id)}

    return sent.server.read(read)


@pytest.mark.parametrize("code", COMPLETE)
def test_the_page_speaks_the_browsers_language(sent: Sent, code: str) -> None:
    page = speaking(sent, f"{code}, en;q=0.5").get()
    language, said = LANGUAGES[code], translator(code)
    assert f'<html lang="{language.tag}" dir="{language.direction}">' in page.text
    assert said.gettext("Agree and continue") in words(page)
    assert "Agree and continue" not in page.text
    assert current_disclosure(code).sections[1].heading in words(page)


def test_without_a_wish_the_page_is_english(sent: Sent) -> None:
    page = sent.signer.get()
    assert '<html lang="en" dir="ltr">' in page.text and "Agree and continue" in page.text


def test_every_language_is_offered_by_its_own_name(sent: Sent) -> None:
    page = words(sent.signer.get())
    for language in LANGUAGES.values():
        link = f'href="?locale={language.code}" lang="{language.tag}" hreflang="{language.tag}"'
        assert link in page and f">{language.name}</a>" in page
    assert page.count('aria-current="true"') == 1


def test_a_choice_is_kept_for_the_link_it_was_made_on(site: Server, sent: Sent) -> None:
    signer = speaking(sent, "de")
    chosen = signer.get("?locale=fr-FR")
    assert '<html lang="fr"' in chosen.text
    cookie = next(each for each in chosen.headers.get_list("set-cookie") if each.startswith("paraph_language="))
    assert f"Path={signer.base}" in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert '<html lang="fr"' in signer.get().text, "kept"
    assert '<html lang="fr"' in signer.get("/decline").text, "and for the pages below it"
    other = send(site, make_person(site, "Jack")).signer
    assert '<html lang="de"' in signer.browser.get(other.base).text, "but not for another link"


def test_a_language_that_is_not_offered_changes_nothing(sent: Sent) -> None:
    signer = speaking(sent, "de")
    for odd in ("tlh", "", "de-DE%00", "../../etc", "x" * 4000):
        answer = signer.get(f"?locale={odd}")
        if answer.status_code == 200:
            assert '<html lang="de"' in answer.text
        else:
            assert answer.status_code in (400, 404)
        assert "paraph_language" not in str(answer.headers.get_list("set-cookie"))
    signer.browser.cookies.set("paraph_language", "nonsense", path=signer.base)
    assert '<html lang="de"' in signer.get().text


def test_a_form_is_answered_in_the_language_it_was_shown_in(sent: Sent) -> None:
    signer = speaking(sent, "fr")
    version = current_disclosure("de-DE").version
    refused = signer.post("/consent", {"locale": "de-DE", "disclosure": version})
    assert refused.status_code == 400 and '<html lang="de"' in refused.text
    assert "Setzen Sie das Häkchen" in words(refused)
    assert f'href="{signer.base}?locale=ar"' in refused.text, "the picker of an answer leads to a page"
    nothing = signer.post("/consent", {"disclosure": current_disclosure("fr").version})
    assert "Cochez la case" in words(nothing), "else in the visitor's"


def test_consent_names_the_words_that_were_shown(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"))
    signer = speaking(sent, "ja")
    signer.view()
    foreign = {"locale": "ja-JP", "disclosure": current_disclosure("en").version, "agree": "yes"}
    assert signer.post("/consent", foreign).status_code == 400, "not the statement of this page"
    shown = re.search(r'name="disclosure" value="([^"]+)"', signer.get().text)
    assert shown is not None and shown[1] == "ja-2026-11"
    assert signer.post("/consent", foreign | {"disclosure": shown[1]}).status_code == 303
    consented = events(sent)["consented"]
    japanese = current_disclosure("ja-JP")
    assert consented["disclosure_version"] == japanese.version
    assert consented["disclosure_sha256"] == japanese.sha256
    assert consented["locale"] == "ja"


def test_a_language_without_a_statement_of_its_own_agrees_to_the_english_one(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"))
    signer = speaking(sent, "it")
    signer.view()
    assert '<div class="statement" lang="en"' in signer.get().text
    assert signer.agree().status_code == 303
    assert events(sent)["consented"]["locale"] == "en", "the language of the words that were agreed to"


def test_the_signature_records_the_button_in_the_language_of_the_page(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"))
    signer = speaking(sent, "de")
    signer.view()
    assert signer.agree().status_code == 303
    assert signer.adopt_typed().status_code == 303
    page = signer.get("/review")
    assert 'value="Zustimmen und abschließen"' in words(page) and 'name="locale" value="de-DE"' in page.text
    fields = signer.finish_fields() | {"locale": "de-DE"}
    for locale, button in (
        ("de-DE", "Agree and finish"),
        ("en-US", "Zustimmen und abschließen"),
        ("ar", "Zustimmen und abschließen"),
        ("de-DE", "zustimmen und abschließen"),
        ("de-DE", ""),
    ):
        refused = signer.post("/finish", fields | {"locale": locale, "button": button})
        assert refused.status_code == 400, (locale, button)
    assert "signed" not in events(sent)
    assert signer.post("/finish", fields | {"button": "Zustimmen und abschließen"}).status_code == 303
    signed = events(sent)["signed"]
    assert (signed["button"], signed["locale"]) == ("Zustimmen und abschließen", "de-DE")
    assert "Vielen Dank, Sie haben unterschrieben" in words(signer.get())


def test_refusals_and_ends_are_told_in_the_signers_language(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"), allow_decline="1")
    signer = speaking(sent, "es")
    signer.view()
    assert "Indique el motivo" in words(signer.post("/decline", {"reason": "", "locale": "es-ES"}))
    assert signer.post("/decline", {"reason": "No", "locale": "es-ES"}).status_code == 303
    assert "Ha rechazado firmar" in words(signer.get())
    unknown = site.client(headers={"Accept-Language": "ar"}).get("/sign/nothing")
    assert unknown.status_code == 404 and 'dir="rtl"' in unknown.text
    assert translator("ar").gettext("This link does not lead to a document") in words(unknown)
    lost = site.client(headers={"Accept-Language": "fr"}).get(f"{sent.signer.base}/nowhere/at/all")
    assert lost.status_code == 404 and '<html lang="fr"' in lost.text and "Cette page n’existe pas." in words(lost)
    foreign = speaking(sent, "pt-BR").post("/view", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403 and "enviado de outro site" in words(foreign)


def test_pages_of_operators_and_developers_stay_english(site: Server) -> None:
    browser = site.client(headers={"Accept-Language": "de"})
    for path in ("/", "/login", "/signup", "/nowhere"):
        page = browser.get(f"{path}?locale=de-DE")
        assert '<html lang="en" dir="ltr">' in page.text, path
        assert "paraph_language" not in str(page.headers.get_list("set-cookie"))
        assert "hreflang" not in page.text
    assert '<html lang="de"' in browser.get("/verify").text, "but anybody may check a file"


def test_mails_go_out_in_the_language_of_who_reads_them(site: Server) -> None:
    jack = make_person(site, "Jack")
    assert site.api(jack.api_key).put("/v3/account", json={"locale": "de_DE"}).status_code == 200
    sent = send(site, jack, "Jill Signer", "Bo Signer", cc_email_addresses=["copy.reader@example.com"], subject="")
    asked = mails_to(site, sent.signer.email)[-1]
    assert 'lang="de"' in asked["html"] and "bittet Sie" in asked["text"] and "Guten Tag Jill Signer" in asked["text"]
    jill, bo = speaking(sent, "ar"), sent.signers[1]
    jill.view()
    jill.agree()
    jill.adopt_typed()
    button = translator("ar").gettext("Agree and finish")
    assert jill.post("/finish", jill.finish_fields() | {"button": button}).status_code == 303
    bo.find_link().sign()
    site.run_jobs()
    copy = mails_to(site, sent.signer.email)[-1]
    assert '<html lang="ar" dir="rtl">' in copy["html"] and "وقّعه الجميع" in copy["subject"]
    assert "Von allen unterschrieben" in mails_to(site, jack.email)[-1]["subject"]
    assert "Von allen unterschrieben" in mails_to(site, "copy.reader@example.com")[-1]["subject"]
    assert "Signed by everyone" in mails_to(site, bo.email)[-1]["subject"], "Bo signed in English"


def test_what_is_recorded_and_answered_to_programs_stays_english(site: Server) -> None:
    sent = send(site, make_person(site, "Jack"))
    answer = sent.sender.get(f"/v3/signature_request/{'0' * 40}", headers={"Accept-Language": "de"})
    assert answer.json()["error"]["error_msg"] == "Not found"


def test_visits_at_the_same_time_do_not_mix_their_languages(shared_server: Server) -> None:
    """Verbs of several requests share one transaction on SQLite; each refusal is still in its own language."""
    sent = send(shared_server, make_person(shared_server, "Jack"))
    sent.signer.view()
    message = "Tick the box if you agree to sign on screen."

    def refused(code: str) -> tuple[str, str]:
        form = {"locale": code, "disclosure": current_disclosure(code).version}
        return code, words(sent.signer.browser.post(f"{sent.signer.base}/consent", data=form))

    codes = [*COMPLETE, "en-US"] * 6
    with ThreadPoolExecutor(12) as pool:
        for code, page in pool.map(refused, codes):
            assert translator(code).gettext(message) in page, code
