"""Accounts: sign up, confirm, log in, sessions, API keys, settings. This is what other rooms may use."""

from .account import Account, NewAccount
from .addresses import MailAddress, read_address
from .answers import Account as AccountShape
from .api_keys import primary_api_key
from .authenticate import authenticate_api_key, authenticate_session
from .create import AccountExists, create_account
from .facts import AccountConfirmed, AccountEmailChanged, AppsDisconnected, PasswordReset
from .hold_session import hold_session
from .invite import invite_account
from .locales import DEFAULT_LOCALE, LOCALES, read_locale
from .passwords import hash_password, password_problem
from .queries import find_account, hold_account, load_account
from .show import account_json
from .throttle import network_of

__all__ = [
    "DEFAULT_LOCALE",
    "LOCALES",
    "Account",
    "AccountConfirmed",
    "AccountEmailChanged",
    "AccountExists",
    "AccountShape",
    "AppsDisconnected",
    "MailAddress",
    "NewAccount",
    "PasswordReset",
    "account_json",
    "authenticate_api_key",
    "authenticate_session",
    "create_account",
    "find_account",
    "hash_password",
    "hold_account",
    "hold_session",
    "invite_account",
    "load_account",
    "network_of",
    "password_problem",
    "primary_api_key",
    "read_address",
    "read_locale",
]
