"""Limits hold across processes (T11): two real ones on one PostgreSQL together allow exactly the limit, no more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import func, select

from paraph import accounts
from paraph.accounts import jobs as accounts_jobs
from paraph.accounts.throttle import MAILS_PER_HOUR
from paraph.kit import Kit
from paraph.kit.mail import KeptMail, kept_mails
from paraph.kit.queue import Runner, jobs_in
from paraph.main import all_jobs
from paraph.signature_requests.access_models import signer_checks
from paraph.signature_requests.send_code import CODES_AN_HOUR
from paraph.signature_requests.try_code import TRIES
from tests.failures.pair import Pair, pair, windows
from tests.harness import Cluster
from tests.helpers.accounts import csrf_token, fresh_address
from tests.helpers.requests import nda

STANDARD, COSTLY, TEST, TOKENS, LOGINS, ASKS = 100, 25, 10, 30, 10, 4
Ask = Callable[[str, int], httpx.Response]


@pytest.fixture(scope="module")
def two(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two processes with the vendor's limits."""
    limits = {
        "api_rate_limit": STANDARD,
        "api_rate_limit_costly": COSTLY,
        "api_rate_limit_test": TEST,
        "token_rate_limit": TOKENS,
        "login_attempts": LOGINS,
        "asks_per_hour": ASKS,
    }
    text = {name: str(value) for name, value in limits.items()}
    with pair(tmp_path_factory.mktemp("pair"), cluster.new_database(), **text) as running:
        yield running


def within_one_window(two: Pair, make: Callable[[str], Ask], times: int) -> list[httpx.Response]:
    """The answers to so many calls of one account that all fell into the same minute."""
    for _ in range(2):
        _, key = two.account()
        answers = two.at_once(make(key), times)
        if len(windows(answers)) == 1:
            return answers
    raise AssertionError("a minute ended during both tries")


def is_exact(answers: list[httpx.Response], limit: int) -> None:
    """Exactly ``limit`` calls were let in; every answer has the vendor's headers, each remainder is told once."""
    refused = [answer for answer in answers if answer.status_code == 429]
    allowed = [answer for answer in answers if answer.status_code != 429]
    assert len(allowed) == limit, Counter(answer.status_code for answer in answers)
    assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {str(limit)}
    told = sorted(int(answer.headers["x-ratelimit-remaining"]) for answer in allowed)
    assert told == list(range(limit)), "each process knows what the other used"
    for answer in refused:
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.json()["error"]["error_name"] == "exceeded_rate"


def test_a_hundred_standard_calls_a_minute(two: Pair) -> None:
    def reads(key: str) -> Ask:
        return lambda url, _: httpx.get(f"{url}/v3/account", auth=(key, ""), timeout=30)

    is_exact(within_one_window(two, reads, STANDARD + 20), STANDARD)


def test_twenty_five_costly_calls_a_minute_and_reads_go_on(two: Pair) -> None:
    keys: list[str] = []

    def sends(key: str) -> Ask:
        keys.append(key)
        return lambda url, _: httpx.post(f"{url}/v3/signature_request/send", auth=(key, ""), json={}, timeout=30)

    answers = within_one_window(two, sends, COSTLY + 10)
    is_exact(answers, COSTLY)
    assert {answer.status_code for answer in answers} == {400, 429}
    answer = httpx.get(f"{two.processes[0].url}/v3/account", auth=(keys[-1], ""), timeout=30)
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, str(STANDARD - 1))


def test_ten_calls_a_minute_in_test_mode(two: Pair) -> None:
    def sends(key: str) -> Ask:
        fields = {"test_mode": "1", "signers[0][name]": "J", "signers[0][email_address]": "j@example.com"}
        return lambda url, _: httpx.post(f"{url}/v3/signature_request/send", auth=(key, ""), data=fields, timeout=30)

    is_exact(within_one_window(two, sends, TEST + 5), TEST)


def test_an_app_at_the_token_endpoint_whatever_process_it_calls(two: Pair) -> None:
    client_id = "0123456789abcdef" * 2

    def tokens(url: str, _: int) -> httpx.Response:
        body = {
            "grant_type": "refresh_token",
            "refresh_token": "x",
            "client_id": client_id,
            "client_secret": "y" * 32,
        }
        return httpx.post(f"{url}/oauth/token", data=body, timeout=30)

    answers = two.at_once(tokens, TOKENS + 10)
    if len(windows(answers)) == 1:
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) == 10
        assert {answer.headers["x-ratelimit-limit"] for answer in refused} == {str(TOKENS)}
    other = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": client_id, "client_secret": "z" * 32}
    answer = httpx.post(f"{two.processes[0].url}/oauth/token", data=other, timeout=30)
    assert answer.status_code == 401, "who guesses a secret does not use up the app's own calls"


def test_log_ins_of_one_address(two: Pair) -> None:
    browsers = {process.url: httpx.Client(base_url=process.url, timeout=30) for process in two.processes}
    tokens = {url: csrf_token(browser.get("/login")) for url, browser in browsers.items()}

    def guess(url: str, number: int) -> httpx.Response:
        body = {"csrf_token": tokens[url], "email": "victim@example.com", "password": f"wrong {number}"}
        return browsers[url].post("/login", data=body)

    answers = two.at_once(guess, LOGINS + 6)
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {400: LOGINS, 429: 6}


def test_mails_that_ask_one_address_to_sign(two: Pair) -> None:
    _, key = two.account()
    _, other_key = two.account()

    def send_as(key: str) -> Ask:
        def send(url: str, number: int) -> httpx.Response:
            fields = {
                "title": f"No. {number}",
                "signers[0][name]": "Jo",
                "signers[0][email_address]": "Jo@example.com",
            }
            files = {"files[0]": ("nda.pdf", nda())}
            return httpx.post(
                f"{url}/v3/signature_request/send", auth=(key, ""), data=fields, files=files, timeout=30
            )

        return send

    answers = two.at_once(send_as(key), ASKS + 4)
    assert Counter(answer.status_code for answer in answers) == {200: ASKS, 429: 4}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "was asked to sign very often" in refused.json()["error"]["error_msg"]
    assert int(refused.headers["retry-after"]) <= 3600
    assert send_as(other_key)(two.processes[0].url, 0).status_code == 200


def test_reset_mails_to_one_address(two: Pair) -> None:
    address = "mailed@example.com"
    wanted = accounts.NewAccount(
        email_address=address, name="Mia", password_hash=None, confirmed=True, operator=False
    )
    two.alone(lambda kit: kit.db.write(lambda tx: accounts.create_account(tx, wanted, kit=kit)))
    browsers = {process.url: httpx.Client(base_url=process.url, timeout=30) for process in two.processes}
    tokens = {url: csrf_token(browser.get("/reset")) for url, browser in browsers.items()}

    def ask(url: str, _: int) -> httpx.Response:
        return browsers[url].post("/reset", data={"csrf_token": tokens[url], "email": address})

    answers = two.at_once(ask, 10)
    assert len({answer.status_code for answer in answers}) == 1, "who asks is not told whether a mail went out"

    async def mailed(kit: Kit) -> list[KeptMail]:
        await Runner(kit, jobs_in([accounts_jobs])).run_due()
        return await kit.db.read(lambda tx: kept_mails(tx, kit=kit))

    sent = two.alone(mailed)
    assert len([mail for mail in sent if mail.to == address]) == MAILS_PER_HOUR


def sign_links(two: Pair, signers: list[dict[str, str]]) -> list[str]:
    """Send to these people for signature and prepare it; the paths of their links."""
    people = [{"name": "Jo", "email_address": fresh_address("jo")} | signer for signer in signers]
    fields = {f"signers[{place}][{name}]": text for place, one in enumerate(people) for name, text in one.items()}
    files = {"files[0]": ("nda.pdf", nda())}
    _, key = two.account()
    url = f"{two.processes[0].url}/v3/signature_request/send"
    httpx.post(url, auth=(key, ""), data=fields, files=files, timeout=30).raise_for_status()

    async def prepared(kit: Kit) -> list[KeptMail]:
        await Runner(kit, all_jobs()).run_due()
        return await kit.db.read(lambda tx: kept_mails(tx, kit=kit))

    texts = {mail.to: mail.text for mail in two.alone(prepared)}
    found = [re.search(r"/sign/\S+", texts[one["email_address"]]) for one in people]
    return [link[0] for link in found if link is not None]


def test_wrong_access_codes_of_one_signer(two: Pair) -> None:
    (link,) = sign_links(two, [{"pin": "Ross-7531"}])

    def enter(url: str, number: int) -> httpx.Response:
        code = {"method": "access_code", "code": f"wrong {number}"}
        return httpx.post(f"{url}{link}/access", data=code, timeout=30)

    answers = two.at_once(enter, TRIES + 7)
    # the last of the five is led back to the door, which is shut: as is whoever comes after
    assert Counter(answer.status_code for answer in answers) == {400: TRIES - 1, 303: 8}
    for process in two.processes:
        right = {"method": "access_code", "code": "Ross-7531"}
        answer = httpx.post(f"{process.url}{link}/access", data=right, timeout=30)
        assert "set-cookie" not in answer.headers, "the right code does not help while it is shut"
        assert "Too many wrong codes" in httpx.get(f"{process.url}{link}", timeout=30).text


def test_codes_by_text_message_to_one_phone(two: Pair) -> None:
    phone = {"sms_phone_number": "+4930123450199", "sms_phone_number_type": "authentication"}
    links = sign_links(two, [phone] * (CODES_AN_HOUR + 3))

    def ask(url: str, number: int) -> httpx.Response:
        return httpx.post(f"{url}{links[number % len(links)]}/access/text", timeout=30)

    answers = two.at_once(ask, 2 * len(links))  # each of the signers twice: the second comes too soon
    assert Counter(answer.status_code for answer in answers) == {303: CODES_AN_HOUR, 400: CODES_AN_HOUR + 6}
    sent = select(func.count()).where(signer_checks.c.method == "sms_code", signer_checks.c.code_sent_at.is_not(None))
    assert two.alone(lambda kit: kit.db.read(lambda tx: tx.scalar(sent))) == CODES_AN_HOUR
