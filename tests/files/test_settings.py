"""Settings of the store: what contradicts itself stops the start, and the doctor tries the bucket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from paraph.kit.files.bucket import Bucket
from paraph.kit.settings import Settings, SettingsError, load_settings
from paraph.shared_state import files_state
from tests.files.conftest import new_name
from tests.helpers.object_store import ObjectStore
from tests.helpers.process import installation

WHOLE = {"PARAPH_S3_BUCKET": "docs", "PARAPH_S3_ACCESS_KEY_ID": "k", "PARAPH_S3_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"PARAPH_S3_ENDPOINT": "https://s3.example.com"}, "PARAPH_S3_ENDPOINT needs PARAPH_S3_BUCKET"),
        ({"PARAPH_S3_BUCKET": "docs"}, "PARAPH_S3_BUCKET needs PARAPH_S3_ACCESS_KEY_ID and"),
        (WHOLE | {"PARAPH_S3_BUCKET": "No_Bucket"}, "name of a bucket"),
        (WHOLE | {"PARAPH_S3_ENDPOINT": "s3.example.com"}, "plain http or https address"),
        (WHOLE | {"PARAPH_S3_ENDPOINT": "https://s3.example.com/docs"}, "plain http or https address"),
        (WHOLE | {"PARAPH_S3_PREFIX": "../other"}, "plain path in the bucket"),
        (WHOLE | {"PARAPH_S3_PREFIX": "a//b"}, "plain path in the bucket"),
        (WHOLE | {"PARAPH_S3_KMS_KEY": "id"}, "PARAPH_S3_ENCRYPTION=aws:kms"),
        (WHOLE | {"PARAPH_S3_ENCRYPTION": "rot13"}, "must be one of none, AES256, aws:kms"),
        (WHOLE | {"PARAPH_S3_SECONDS": "0"}, "PARAPH_S3_SECONDS must lie between"),
        (WHOLE | {"PARAPH_S3_CACHE_BYTES": "-1"}, "PARAPH_S3_CACHE_BYTES must be 0 or more"),
        (WHOLE | {"PARAPH_S3_BUKET": "x"}, "PARAPH_S3_BUKET is not a setting"),
    ],
)
def test_contradictory_settings_are_named(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load_settings(given)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    given = {key: value for key, value in WHOLE.items() if "SECRET" not in key}
    settings = load_settings(given | {"PARAPH_S3_SECRET_ACCESS_KEY_FILE": str(tmp_path / "secret")})
    assert settings.s3_secret_access_key == "from a file"
    assert "from a file" not in repr(settings)
    assert "from a file" not in repr(Bucket.from_settings(settings))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"s3_region": "eu-central-1"}, "https://docs.s3.eu-central-1.amazonaws.com"),
        ({"s3_addressing": "path"}, "https://s3.us-east-1.amazonaws.com/docs"),
        ({"s3_endpoint": "http://store:9000/"}, "http://store:9000/docs"),
        ({"s3_endpoint": "https://store", "s3_addressing": "virtual"}, "https://docs.store"),
    ],
)
def test_a_bucket_is_addressed_as_its_store_wants_it(given: dict[str, Any], url: str) -> None:
    settings = Settings(s3_bucket="docs", s3_access_key_id="k", s3_secret_access_key="s", **given)
    assert Bucket.from_settings(settings).url == url
    Bucket.from_settings(settings).client()


def test_the_doctor_tries_the_bucket(object_store: ObjectStore, tmp_path: Path) -> None:
    name = new_name()
    bucket = object_store.new_bucket(name)
    place = installation(tmp_path, office="off", **{key: str(value) for key, value in bucket.items()})
    told = json.loads(place.cli("doctor", "--json", check=False).stdout)
    found = next(one for one in told if one["subject"] == "files")
    assert found["verdict"] == "ok"
    assert found["says"] == f"bucket {name} at {object_store.url}: put, get, list and delete work"
    assert object_store.ask("GET", name, query="list-type=2").text.count("<Key>") == 0

    def problem(**more: Any) -> str:
        works, says, fix = asyncio.run(files_state(Settings(data_dir=tmp_path, **{**bucket, **more})))
        assert not works
        assert "PARAPH_S3_" in fix
        return says

    assert "put fails: SignatureDoesNotMatch 403 (it takes s3:PutObject)" in problem(s3_secret_access_key="wrong")
    assert "NoSuchBucket" in problem(s3_bucket="missing")
    assert "put fails" in problem(s3_endpoint="http://127.0.0.1:9", s3_seconds=1)
