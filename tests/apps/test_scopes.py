"""Scopes and who pays."""

from __future__ import annotations

import pytest

from paraph.apps.scopes import GROUPS, SCOPES, billing_group, check_scopes, in_order
from paraph.kit.errors import BadRequest
from paraph.operations import OPERATIONS


def test_the_table_holds_every_scope_an_operation_asks_for() -> None:
    asked = {scope for operation in OPERATIONS.values() for scope in operation.scopes}
    assert asked == set(SCOPES)


def test_every_scope_says_what_it_allows_and_what_not() -> None:
    for scope in SCOPES.values():
        assert scope.title
        assert scope.sentence.endswith(".")
        assert scope.not_allowed.startswith("It cannot ")
        assert scope.group in GROUPS
        assert scope.name not in scope.title + scope.sentence + scope.not_allowed


def test_scopes_of_one_group_are_taken() -> None:
    assert check_scopes(["request_signature", "basic_account_info"]) == {"basic_account_info", "request_signature"}
    assert billing_group(check_scopes(["request_signature"])) == "app_owner"
    assert billing_group(check_scopes(["team_access", "account_access"])) == "user"
    assert check_scopes([""]) == frozenset()
    assert billing_group([]) is None
    assert in_order(["team_access", "account_access"]) == ["account_access", "team_access"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["request_signature", "template_access"], "different billing groups"),
        (["manage_docs"], "Unknown scope: manage_docs"),
        (["request_signature "], "Unknown scope"),
        (["REQUEST_SIGNATURE"], "Unknown scope"),
    ],
)
def test_other_scopes_are_refused_in_words(names: list[str], words: str) -> None:
    with pytest.raises(BadRequest, match=words) as refused:
        check_scopes(names)
    assert refused.value.path == "oauth.scopes"
