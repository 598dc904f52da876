"""The unmodified official Python SDK (dropbox-sign 2.0.0) registers and keeps an app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dropbox_sign import ApiClient, ApiException, Configuration, api, models
from dropbox_sign.exceptions import NotFoundException

from tests.apps.pictures import PNG
from tests.harness import Server
from tests.helpers.accounts import make_person
from tests.helpers.apps import CALLBACK


@pytest.fixture
def apps(server: Server) -> Iterator[api.ApiAppApi]:
    key = make_person(server, "Alice").api_key
    with ApiClient(Configuration(username=key, host=f"{server.url}/v3")) as client:
        yield api.ApiAppApi(client)


def test_an_app_lives_its_life_through_the_sdk(apps: api.ApiAppApi) -> None:
    oauth = models.SubOAuth(callback_url=CALLBACK, scopes=["request_signature", "basic_account_info"])
    request = models.ApiAppCreateRequest(
        name="My Production App",
        domains=["example.com"],
        oauth=oauth,
        options=models.SubOptions(can_insert_everywhere=True),
        white_labeling_options=models.SubWhiteLabelingOptions(primary_button_color="#00b3e6"),
        custom_logo_file=PNG,
    )
    created = apps.api_app_create(request).api_app
    assert created is not None
    assert created.oauth is not None
    assert created.oauth.callback_url == CALLBACK
    assert created.oauth.scopes == ["basic_account_info", "request_signature"]
    assert created.is_approved is False
    assert created.white_labeling_options is not None
    assert created.white_labeling_options.primary_button_color == "#00b3e6"

    got = apps.api_app_get(created.client_id).api_app
    assert got == created

    changes = models.ApiAppUpdateRequest(
        name="New Name",
        callback_url="https://example.com/events",
        oauth=models.SubOAuth(callback_url=CALLBACK, scopes=["request_signature"]),
    )
    updated = apps.api_app_update(created.client_id, changes)
    assert updated.api_app.name == "New Name"
    assert updated.api_app.callback_url == "https://example.com/events"
    assert [warning.warning_name for warning in updated.warnings] == ["oauth_grants_revoked"]

    listed = apps.api_app_list(page=1, page_size=20)
    assert [app.client_id for app in listed.api_apps] == [created.client_id]
    assert listed.list_info.num_results == 1

    assert apps.api_app_delete(created.client_id) is None
    with pytest.raises(NotFoundException) as gone:
        apps.api_app_get(created.client_id)
    assert gone.value.data.error.error_name == "not_found"
    assert apps.api_app_list().api_apps == []


def test_the_sdk_reads_a_bare_app_and_a_refusal(apps: api.ApiAppApi) -> None:
    created = apps.api_app_create(models.ApiAppCreateRequest(name="Bare", domains=["example.com"])).api_app
    assert (created.oauth, created.options, created.white_labeling_options, created.callback_url) == (None,) * 4
    with pytest.raises(ApiException) as refused:
        apps.api_app_create(models.ApiAppCreateRequest(name="Bare", domains=["example.com"]))
    assert refused.value.status == 400
    assert refused.value.data.error.error_msg == "An app with the same name already exists"
