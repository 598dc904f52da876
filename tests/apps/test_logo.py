"""An app's logo: judged by its content, kept as a file, shown, replaced, removed."""

from __future__ import annotations

import httpx
import pytest

from paraph.kit.db import FileKey, metadata
from tests.apps.conftest import ApiPlace, refused
from tests.apps.pictures import JPEG, PNG, png
from tests.harness import Server
from tests.helpers.apps import make_app


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.4 not a picture", "PNG or JPEG"),
        (b"", "PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "PNG or JPEG"),
        (PNG[:30], "PNG or JPEG"),
        (JPEG[:20], "PNG or JPEG"),
        (png(5000, 1), "4000 pixels"),
        (PNG + b"\0" * 600_000, "512 KB"),
    ],
    ids=["pdf", "empty", "svg", "cut-png", "cut-jpeg", "wide", "large"],
)
def test_a_logo_is_judged_by_its_content(api: httpx.Client, content: bytes, words: str) -> None:
    data = {"name": "Logo", "domains": '["example.com"]'}
    answer = api.post("/v3/api_app", data=data, files={"custom_logo_file": ("logo.png", content, "image/png")})
    refused(answer, words, "custom_logo_file")


def test_a_logo_is_kept_shown_replaced_and_removed(api_place: ApiPlace) -> None:
    api, url = api_place.api, f"/v3/api_app/{make_app(api_place.api).client_id}"
    picture = f"/apps/{url.rpartition('/')[2]}/logo"
    anybody = api_place.server.client()
    assert anybody.get(picture).status_code == 404
    for content, kind in ((PNG, "image/png"), (JPEG, "image/jpeg")):
        assert api.put(url, files={"custom_logo_file": ("x.bin", content)}).status_code == 200
        shown = anybody.get(picture)
        assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, content, kind)
        assert shown.headers["x-content-type-options"] == "nosniff"
    assert stored_files(api_place.server) == 1
    assert api.put(url, json={"custom_logo_file": ""}).status_code == 200
    assert anybody.get(picture).status_code == 404
    assert stored_files(api_place.server) == 0


def stored_files(server: Server) -> int:
    return len(list(server.kit.files.keys_older_than(-60)))


def test_the_sweep_of_orphans_knows_logos() -> None:
    assert isinstance(metadata.tables["api_apps"].c.logo_key.type, FileKey)
