"""Addresses of this room's pages."""

MY_APPS = "/settings/api"
NEW_APP = f"{MY_APPS}/apps/new"
ONE_APP = f"{MY_APPS}/apps/{{client_id}}"
OPERATOR = "/operator/apps"


def app_path(client_id: str) -> str:
    """The page of one app."""
    return ONE_APP.format(client_id=client_id)
