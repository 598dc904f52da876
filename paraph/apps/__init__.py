"""API apps: registered by developers, approved by the operator, authorised by users."""

from .addresses import callback_matches
from .app import App, Approval, Profile
from .app_json import app_json
from .calling import CallingApp, calling_app, with_app
from .client_secrets import ClientSecret, authenticate_client, current_secret, secret_matches, secrets_of
from .decide import approve_app, refuse_app, resume_app, suspend_app
from .facts import AppDeleting, AppScopesChanged, AppSecretRotated, AppSuspended
from .queries import count_waiting, find_app, hold_app, load_app, load_own_app
from .scopes import GROUPS, SCOPES, BillingGroup, Scope, billing_group, check_scopes, in_order

__all__ = [
    "GROUPS",
    "SCOPES",
    "App",
    "AppDeleting",
    "AppScopesChanged",
    "AppSecretRotated",
    "AppSuspended",
    "Approval",
    "BillingGroup",
    "CallingApp",
    "ClientSecret",
    "Profile",
    "Scope",
    "app_json",
    "approve_app",
    "authenticate_client",
    "billing_group",
    "callback_matches",
    "calling_app",
    "check_scopes",
    "count_waiting",
    "current_secret",
    "find_app",
    "hold_app",
    "in_order",
    "load_app",
    "load_own_app",
    "refuse_app",
    "resume_app",
    "secret_matches",
    "secrets_of",
    "suspend_app",
    "with_app",
]
