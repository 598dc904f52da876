"""Callback URLs and domains (oauth.md M9, A2, A3, V27 to V29, V37)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.apps.addresses import callback_matches, check_callback, check_domains
from paraph.kit.errors import BadRequest

GOOD = [
    "https://example.com/cb",
    "https://example.com",
    "https://example.com:8443/oauth/callback?tenant=7&x=%20y",
    "https://sub.example.co.uk/a/b.html",
    "https://xn--bcher-kva.example/cb",
    "https://xn--r8jz45g.jp/cb",  # 例え.jp: Han and Hiragana belong together
    "https://intranet/cb",
    "https://example.com/cb?mycode=1&estate=2",
]
LOOPBACK = ["http://localhost:5000/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb", "https://app.localhost/cb"]
BAD = [
    "",
    "example.com/cb",
    "//example.com/cb",
    "javascript:alert(1)",
    "JavaScript://example.com/%0aalert(1)",
    "data:text/html,hi",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://example.com/cb",
    "com.example.app:/cb",
    "urn:ietf:wg:oauth:2.0:oob",
    "HTTPS://example.com/cb",
    "https:example.com/cb",
    "https:/example.com/cb",
    "https:///cb",
    "https://",
    "https://a@example.com/cb",
    "https://a:b@example.com/cb",
    "https://example.com@evil.test/cb",
    "http://localhost:80@attacker.test/cb",
    "https://example.com/cb#fragment",
    "https://example.com/cb#",
    "https://*.example.com/cb",
    "https://example.com/*",
    "https://example.com/cb?code=1",
    "https://example.com/cb?x=1&state=2",
    "https://example.com/cb?iss",
    "https://example.com/cb?error=",
    "https://example.com/cb?error_description=x",
    "https://example.com/cb?c%6fde=1",
    "https://example.com/cb?a=1;code=2",
    "https://example.com/cb?Code=1",
    "http://example.com/cb",
    "http://localhost.example.com/cb",
    "http://127.0.0.1.example.com/cb",
    "https://93.184.216.34/cb",
    "https://[2606:2800:220:1::1]/cb",
    "https://2130706433/cb",
    "https://127.1/cb",
    "https://0x7f.1/cb",
    "https://[not-an-ip]/",
    "http://[::ffff:127.0.0.1]/cb",
    "https://example.com:0/cb",
    "https://example.com:99999/cb",
    "https://example.com:/cb",
    "https://example.com:8o/cb",
    "https://exa mple.com/cb",
    "https://example.com/c b",
    "https://example.com\\@evil.test/cb",
    "https://example.com/a/../b",
    "https://example.com/a/%2e%2e/b",
    "https://example.com/a/./b",
    "https://example.com//evil.test",
    "https://example.com/%zz",
    "https://example.com/cb?x=%",
    "https://ex\u00e4mple.com/cb",
    "https://xn--pple-43d.com/cb",  # Cyrillic а, Latin pple
    "https://xn--80ak6aa92e.com/cb",  # аррӏе, all Cyrillic
    "https://xn--\u00e9.com/cb",
    "https://xn--99999999999.com/cb",
    "https://-example.com/cb",
    "https://exam_ple.com/cb",
    "https://example..com/cb",
    "https://example.com/\r\nSet-Cookie:x",
    "https://example.com/\u0000",
    "https://example.com/" + "a" * 2000,
]


@pytest.mark.parametrize("url", GOOD)
def test_a_plain_https_address_is_taken(url: str) -> None:
    assert check_callback(url, development=False, native=False) == url


@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_is_for_development(url: str) -> None:
    assert check_callback(url, development=True, native=False) == url
    with pytest.raises(BadRequest):
        check_callback(url, development=False, native=False)


def test_a_native_app_has_loopback_addresses_anywhere_but_not_the_name() -> None:
    for url in ("http://127.0.0.1/cb", "http://[::1]:9/cb"):
        assert check_callback(url, development=False, native=True) == url
    with pytest.raises(BadRequest):
        check_callback("http://localhost/cb", development=False, native=True)


@pytest.mark.parametrize("url", BAD)
@pytest.mark.parametrize("development", [False, True])
def test_what_is_doubtful_is_refused(url: str, development: bool) -> None:
    with pytest.raises(BadRequest, match="This OAuth callback URL cannot be used") as refused:
        check_callback(url, development=development, native=False)
    assert refused.value.path == "oauth.callback_url"


@given(st.text(max_size=80), st.booleans())
def test_no_text_breaks_the_check(tail: str, native: bool) -> None:
    for url in (tail, f"https://{tail}", f"http://[{tail}/", f"https://example.com/{tail}"):
        try:
            assert check_callback(url, development=True, native=native) == url
        except BadRequest:
            continue


@pytest.mark.parametrize(
    ("registered", "asked", "native", "same"),
    [
        ("https://example.com/cb", "https://example.com/cb", False, True),
        ("https://example.com/cb", "https://example.com/cb/", False, False),
        ("https://example.com/cb", "https://example.com:444/cb", True, False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", True, True),
        ("http://127.0.0.1:1/cb?a=1", "http://127.0.0.1:2/cb?a=1", True, True),
        ("http://[::1]:1/cb", "http://[::1]:65000/cb", True, True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", False, False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb2", True, False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x=1", True, False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.test/cb", True, False),
        ("http://127.0.0.1/cb", "http://localhost:49152/cb", True, False),
        ("http://127.0.0.1/cb", "http://[::1]:49152/cb", True, False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", True, False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb\n", True, False),
        ("http://localhost/cb", "http://localhost:2/cb", True, False),
    ],
)
def test_callbacks_are_compared_letter_by_letter(registered: str, asked: str, native: bool, same: bool) -> None:
    assert callback_matches(registered, asked, native=native) is same


def test_domains_are_bare_names() -> None:
    assert check_domains(["Example.com", " sub.example.com. ", "example.com"], loopback=False) == [
        "example.com",
        "sub.example.com",
    ]
    assert check_domains(["localhost"], loopback=False) == ["localhost"]
    assert check_domains(["127.0.0.1"], loopback=True) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "domain",
    [
        "https://example.com",
        "example.com/",
        "example.com:80",
        "*.example.com",
        "com",
        "-a.com",
        "a..b",
        "ex ample.com",
        "bücher.example",
        "1.2.3.4",
        "127.0.0.1",
        "a@b.com",
        "a" * 64 + ".com",
        "a." * 130 + "com",
        "x\u0000.com",
        "xn--pple-43d.com",
    ],
)
def test_what_is_no_domain_is_named(domain: str) -> None:
    with pytest.raises(BadRequest, match="Not a domain") as refused:
        check_domains(["example.com", domain], loopback=False)
    assert refused.value.path == "domains[1]"


def test_domains_are_one_to_ten() -> None:
    with pytest.raises(BadRequest, match="Must specify domain"):
        check_domains(["", " "], loopback=True)
    with pytest.raises(BadRequest, match="at most 10"):
        check_domains([f"d{n}.example.com" for n in range(11)], loopback=True)
