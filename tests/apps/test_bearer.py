"""Under an access token with api_app_access, an app keeps the user's own apps."""

from __future__ import annotations

from tests.harness import Server
from tests.helpers.apps import make_app
from tests.helpers.oauth import make_world


def test_a_token_acts_for_its_user(shared_server: Server) -> None:
    world = make_world(shared_server, scopes=["api_app_access"])
    as_user = shared_server.api(token=world.connect().access_token)
    made = make_app(as_user, name="Made for Uma")
    own = as_user.get("/v3/api_app/list").json()["api_apps"]
    assert [app["client_id"] for app in own] == [made.client_id]
    assert own[0]["owner_account"]["account_id"] == world.user.account_id
    assert own[0]["oauth"]["secret"] == made.secret
    with_key = shared_server.api(world.user.api_key).get(f"/v3/api_app/{made.client_id}")
    assert with_key.json()["api_app"] == own[0]
    # the app that acts belongs to somebody else
    assert as_user.get(f"/v3/api_app/{world.app.client_id}").status_code == 404
    assert as_user.delete(f"/v3/api_app/{world.app.client_id}").status_code == 404
    assert as_user.delete(f"/v3/api_app/{made.client_id}").status_code == 204


def test_another_scope_does_not_reach_apps(shared_server: Server) -> None:
    world = make_world(shared_server, scopes=["account_access", "signature_request_access"])
    as_user = shared_server.api(token=world.connect().access_token)
    for method, path in (("GET", "/list"), ("POST", ""), ("GET", "/x"), ("PUT", "/x"), ("DELETE", "/x")):
        answer = as_user.request(method, f"/v3/api_app{path}")
        assert answer.status_code == 403, (method, path)
        assert "api_app_access" in answer.json()["error"]["error_msg"]
