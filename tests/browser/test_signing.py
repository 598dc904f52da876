"""The signing page as people use it: finger, mouse, keyboard, no scripts; phone and desk; light and dark."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Locator, Page, Request, expect

from tests.browser.conftest import (
    DESK,
    PHONE,
    TABLET,
    OpenContext,
    Screen,
    check_accessibility,
    check_fits,
    looks,
    shoot,
    wait_for,
)
from tests.browser.far_side import far_side
from tests.harness import Server
from tests.helpers.accounts import make_person
from tests.helpers.signing import Sent, send, signature_picture

pytestmark = pytest.mark.browser

BUDGET_BYTES = 200_000
MOST_LAYOUT_SHIFT = 0.02
NOWHERE: FloatRect = {"x": 0, "y": 0, "width": 0, "height": 0}


def invite(site: Server, *names: str, **options: Any) -> Sent:
    """Send a document and wait until the mails are there (a worker is running)."""
    sent = send(site, make_person(site, "Jack"), *names, prepare=False, allow_decline="1", **options)
    wait_for(lambda: sent.status() == "awaiting_signature" and mailed(sent))
    return sent


def mailed(sent: Sent) -> bool:
    try:
        for signer in sent.signers:
            signer.find_link()
    except AssertionError:
        return False
    return True


def open_page(context: BrowserContext, sent: Sent) -> Page:
    page = context.new_page()
    page.goto(sent.server.url + sent.signer.base)
    return page


def agree(page: Page) -> None:
    page.get_by_label("I agree to use electronic records").check()
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.get_by_role("button", name="Sign here")).to_be_visible()


def curve(box: FloatRect | None) -> list[tuple[float, float]]:
    """Points of a scrawl inside the box."""
    assert box is not None
    steps = [step / 50 for step in range(51)]
    return [
        (box["x"] + box["width"] * (0.15 + 0.7 * t), box["y"] + box["height"] * (0.5 + 0.3 * math.sin(9 * t)))
        for t in steps
    ]


def draw_with_mouse(page: Page, pad: Locator) -> None:
    pad.scroll_into_view_if_needed()
    points = curve(pad.bounding_box())
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def draw_with_finger(page: Page, pad: Locator) -> None:
    pad.scroll_into_view_if_needed()
    points = curve(pad.bounding_box())
    session = page.context.new_cdp_session(page)

    def touch(kind: str, at: list[tuple[float, float]]) -> None:
        places = [{"x": x, "y": y} for x, y in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", points[:1])
    for point in points[1:]:
        touch("touchMove", [point])
    touch("touchEnd", [])


def settle(page: Page) -> None:
    """Wait until nothing scrolls any more."""
    places: list[float] = [-1, -2]
    while places[-1] != places[-2]:
        page.wait_for_timeout(150)
        places.append(page.evaluate("scrollY"))


def finish(page: Page) -> None:
    page.get_by_role("button", name="Agree and finish").click()
    expect(page.get_by_role("heading", name="Thank you, you have signed").or_(sealed(page))).to_be_visible()


def sealed(page: Page) -> Locator:
    return page.get_by_role("heading", name="Everyone has signed")


def download(page: Page, target: Path) -> Path:
    """Wait for the seal, then fetch the file through the page."""
    wait_for(lambda: page.reload() and sealed(page).is_visible())
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download the document").click()
    fetched.value.save_as(target)
    assert target.read_bytes().startswith(b"%PDF-")
    return target


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_finger_on_a_phone(site: Server, open_context: OpenContext, tmp_path: Path, dark: bool) -> None:
    look = f"signing-{PHONE.name}-{'dark' if dark else 'light'}"
    sent = invite(site)
    page = open_page(open_context(PHONE, dark=dark), sent)
    first = page.get_by_role("img", name="Page 1 of").first
    expect(first).to_be_visible()
    wait_for(lambda: first.evaluate("image => image.naturalWidth > 0"))
    shoot(page, f"{look}-1-open")
    check_accessibility(page)
    check_fits(page)
    page.get_by_role("link", name="Continue", exact=True).click()
    expect(page.get_by_role("button", name="Agree and continue")).to_be_in_viewport()
    shoot(page, f"{look}-2-agree")
    agree(page)
    pad = page.get_by_role("img", name="Box to draw your signature in")
    pad.scroll_into_view_if_needed()
    settle(page)
    top = page.evaluate("scrollY")
    draw_with_finger(page, pad)
    expect(page.get_by_text("Drawn. You can add more lines.")).to_be_visible()
    assert abs(page.evaluate("scrollY") - top) < 5, "the page must not scroll away under the finger"
    shoot(page, f"{look}-3-drawn")
    check_accessibility(page)
    check_fits(page)
    page.get_by_role("button", name="Sign here").click()
    expect(page.get_by_role("heading", name="Check and finish")).to_be_visible()
    shoot(page, f"{look}-4-check", full=True)
    check_accessibility(page)
    check_fits(page)
    finish(page)
    download(page, tmp_path / "signed.pdf")
    shoot(page, f"{look}-5-done")
    check_accessibility(page)
    check_fits(page)


def test_a_mouse_at_a_desk(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_page(open_context(DESK), sent)
    expect(page.get_by_role("button", name="Agree and continue")).to_be_in_viewport()
    shoot(page, "signing-1440-light-1-open")
    agree(page)
    pad, strokes = page.locator("#pad"), page.locator("[name=strokes]")
    undo, clear = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Clear")
    expect(undo).to_be_disabled()
    draw_with_mouse(page, pad)
    draw_with_mouse(page, pad)
    assert len(json.loads(strokes.input_value())["lines"]) == 2
    undo.click()
    expect(page.locator("#pad path.ink-line")).to_have_count(1)
    clear.click()
    expect(strokes).to_have_value("")
    page.get_by_role("button", name="Sign here").click()
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#problems")).to_contain_text("Draw your signature in the box first.")
    shoot(page, "signing-1440-light-2-problem")
    draw_with_mouse(page, page.locator("#pad"))
    shoot(page, "signing-1440-light-3-drawn")
    page.get_by_role("button", name="Sign here").click()
    # a picture taken while the next page is on its way cannot be taken
    expect(page.get_by_role("heading", name="Check and finish")).to_be_visible()
    shoot(page, "signing-1440-light-4-check")
    page.get_by_role("link", name="Change something").click()
    page.get_by_text("Change my signature").click()
    expect(page.locator("#pad path.ink-line"), "the drawing is still there").to_have_count(1)
    page.get_by_role("button", name="Sign here").click()
    finish(page)


def test_a_pen_that_leaves_the_pad_and_a_second_finger(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_page(open_context(DESK), sent)
    agree(page)
    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] - 300, box["y"] - 300, steps=5)
    page.mouse.move(box["x"] + box["width"] + 300, box["y"] + 50, steps=5)
    page.mouse.up()
    values = page.evaluate("JSON.parse(document.querySelector('[name=strokes]').value).lines.flat(2)")
    assert all(0 <= value <= 1 for value in values)
    page.get_by_role("button", name="Sign here").click()
    expect(page.get_by_role("heading", name="Check and finish")).to_be_visible()


def test_a_typed_name(site: Server, open_context: OpenContext) -> None:
    sent = invite(site, "Zoë Ångström")
    page = open_page(open_context(TABLET), sent)
    agree(page)
    page.get_by_role("radio", name="Type", exact=True).check()
    name = page.get_by_label("Type your name")
    expect(name).to_have_value("Zoë Ångström")
    name.fill("Zoë Å.")
    expect(page.locator(".face-sample").first).to_have_text("Zoë Å.")
    page.get_by_role("radio", name="in the handwriting “Great Vibes”").check()
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].filter((face) => face.status === 'loaded').length") == 6
    shoot(page, "signing-768-light-typed")
    check_accessibility(page)
    check_fits(page)
    page.get_by_role("button", name="Sign here").click()
    expect(page.get_by_role("img", name="Your typed signature: Zoë Å.")).to_be_visible()
    shoot(page, "signing-768-light-typed-check", full=True)
    finish(page)


def test_an_uploaded_picture(site: Server, open_context: OpenContext, tmp_path: Path) -> None:
    picture, text = tmp_path / "signature.jpg", tmp_path / "notes.png"
    picture.write_bytes(signature_picture(kind="JPEG"))
    text.write_text("no picture")
    sent = invite(site)
    page = open_page(open_context(PHONE), sent)
    agree(page)
    page.get_by_role("radio", name="Upload", exact=True).check()
    chooser = page.get_by_label("Choose a picture of your signature")
    chooser.set_input_files(text)
    page.get_by_role("button", name="Sign here").click()
    expect(page.locator("#problems")).to_be_focused()
    shoot(page, "signing-360-light-upload-problem")
    page.get_by_label("Choose a picture of your signature").set_input_files(picture)
    expect(page.get_by_role("img", name="Your signature", exact=True)).to_be_visible()
    shoot(page, "signing-360-light-upload")
    check_accessibility(page)
    page.get_by_role("button", name="Sign here").click()
    expect(page.get_by_role("heading", name="Check and finish")).to_be_visible()
    shoot(page, "signing-360-light-upload-check")
    finish(page)


def test_declining(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_page(open_context(PHONE), sent)
    page.get_by_role("link", name="I do not want to sign").click()
    check_accessibility(page)
    check_fits(page)
    page.get_by_role("button", name="Decline to sign").click()
    expect(page.locator("#problems")).to_be_focused()
    page.get_by_label("Why do you decline?").fill("The rent is wrong.")
    shoot(page, "signing-360-light-decline")
    page.get_by_role("button", name="Decline to sign").click()
    expect(page.get_by_role("heading", name="You declined to sign")).to_be_visible()
    shoot(page, "signing-360-light-declined")
    check_accessibility(page)
    assert sent.json()["is_declined"] is True


def test_without_scripts_a_name_can_be_typed(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_page(open_context(PHONE, scripts=False), sent)
    assert sent.json()["signatures"][0]["last_viewed_at"] is None
    shoot(page, "signing-360-noscript-1-open")
    page.get_by_role("button", name="Open the document").click()
    assert sent.json()["signatures"][0]["last_viewed_at"] is not None
    page.get_by_label("I agree to use electronic records").check()
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.locator(".way-draw noscript p")).to_be_visible()
    page.get_by_role("radio", name="Type", exact=True).check()
    page.get_by_label("Type your name").fill("Jill S.")
    page.get_by_role("radio", name="in the handwriting “Caveat”").check()
    shoot(page, "signing-360-noscript-2-typed")
    page.get_by_role("button", name="Sign here").click()
    # a picture taken while the next page is on its way cannot be taken
    expect(page.get_by_role("heading", name="Check and finish")).to_be_visible()
    shoot(page, "signing-360-noscript-3-check")
    finish(page)
    assert sent.status() == "signed"


def test_the_keyboard_alone(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_page(open_context(DESK), sent)
    expect(page.get_by_role("img", name="Page 1 of").first).to_be_visible()
    tab_to(page, "agree")
    page.keyboard.press("Space")
    tab_to(page, words="Agree and continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign here")).to_be_visible()
    tab_to(page, "method")
    page.keyboard.press("ArrowRight")  # from Draw to Type
    tab_to(page, "text")
    page.keyboard.press("Control+A")
    page.keyboard.type("Jill by keyboard")
    tab_to(page, "face")
    page.keyboard.press("ArrowDown")
    shoot(page, "signing-1440-light-keyboard")
    tab_to(page, words="Sign here")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check and finish")).to_be_visible()
    tab_to(page, words="Agree and finish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, you have signed").or_(sealed(page))).to_be_visible()
    assert sent.status() == "signed"


def tab_to(page: Page, name: str = "", words: str = "", most: int = 40) -> None:
    """Press Tab until the control of that name, or with those words, has a visible focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate("[document.activeElement.name ?? '', document.activeElement.textContent.trim()]")
        if (name and at[0] == name) or (words and at[1] == words):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab never reaches {name or words}")


def test_little_is_loaded_before_the_first_page_and_nothing_jumps(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_context(PHONE).new_page()
    loaded: list[tuple[str, int]] = []

    def note(request: Request) -> None:
        sizes = request.sizes()
        loaded.append((request.url, sizes["responseBodySize"] + sizes["responseHeadersSize"]))

    page.on("requestfinished", note)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.shift += e.value }).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(site.url + sent.signer.base)
    page.wait_for_load_state("networkidle")
    first = next(index for index, (url, _) in enumerate(loaded) if ".jpg" in url)
    before = sum(size for _, size in loaded[:first])
    assert before < BUDGET_BYTES, f"{before} bytes before the first page: {loaded[:first]}"
    assert not [url for url, _ in loaded if url.endswith(".woff2")], "the handwriting waits until it is needed"
    assert all(url.startswith(site.url) for url, _ in loaded)
    assert page.evaluate("window.shift") < MOST_LAYOUT_SHIFT
    assert sum(".jpg" in url for url, _ in loaded) < 4, "pages further down wait until they are near"


def test_larger_pages_scroll_in_their_own_frame(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    page = open_page(open_context(PHONE), sent)
    image = page.get_by_role("img", name="Page 1 of").first
    expect(image).to_be_visible()
    before = (image.bounding_box() or NOWHERE)["width"]
    page.get_by_role("button", name="Larger").first.click()
    assert (image.bounding_box() or NOWHERE)["width"] == pytest.approx(2 * before, rel=0.02)
    check_fits(page)
    check_accessibility(page)
    shoot(page, "signing-360-light-larger")


def test_a_lost_connection_is_said_and_mended(site: Server, open_context: OpenContext) -> None:
    sent = invite(site)
    context = open_context(PHONE)
    page = context.new_page()
    # what a proxy of a hotel or train answers: the browser logs nothing, the page must notice
    page.route("**/view", lambda route: route.fulfill(status=400, body="captive portal"))
    page.goto(site.url + sent.signer.base)
    expect(page.get_by_text("The document could not be loaded.")).to_be_visible()
    shoot(page, "signing-360-light-lost")
    page.unroute("**/view")
    page.get_by_role("button", name="Open the document").click()
    expect(page.get_by_role("img", name="Page 1 of").first).to_be_visible()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=lambda screen: screen.name)
def test_every_other_page(site: Server, open_context: OpenContext, screen: Screen) -> None:
    sent = invite(site, "Ann First", "Bob Second")
    first = sent.signer
    page = open_context(screen).new_page()

    def check(name: str, path: str) -> None:
        page.goto(site.url + path)
        for look in looks(page, screen):
            shoot(page, f"signing-{look}-{name}", full=True)
            check_accessibility(page)
            check_fits(page)

    check("statement", f"{first.base}/statement")
    check("report", f"{first.base}/report")
    page.get_by_label("What is wrong?").fill("I do not know this person.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="Thank you, your report was sent")).to_be_visible()
    check_accessibility(page)
    check("by-id", f"/sign/{sent.request_id}")
    first.sign()
    check("signed", first.base)
    sent.sender.post(f"/v3/signature_request/cancel/{sent.request_id}")
    check("cancelled", sent.signers[1].base)


def test_going_back_to_the_senders_own_page(site: Server, open_context: OpenContext) -> None:
    with far_side() as side:
        sent = invite(site, signing_redirect_url=f"{side.address}/thanks?order=12")
        page = open_page(open_context(DESK), sent)
        agree(page)
        page.get_by_role("radio", name="Type", exact=True).check()
        page.get_by_role("button", name="Sign here").click()
        page.get_by_role("button", name="Agree and finish").click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        assert side.visits == ["/thanks?order=12"]
