"""Accounts: sign up, confirm, log in, sessions, API keys, settings. This is what other rooms may use."""

from .account import Account, NewAccount
from .addresses import MailAddress, read_address
from .answers import Account as AccountShape
from .api_keys import primary_api_key
from .authenticate import api_key_asked, authenticate_api_key, authenticate_session
from .calling import keep_account, with_account
from .create import AccountExists, create_account
from .facts import (
    AccountConfirmed,
    AccountEmailChanged,
    AccountResumed,
    AccountSuspended,
    AppsDisconnected,
    PasswordReset,
)
from .held_session import hold_session
from .invite import invite_account
from .listing import AccountLine, accounts_page, count_suspended
from .locales import DEFAULT_LOCALE, LOCALES, read_locale
from .operator_acts import OperatorAct, recent_acts, record_act
from .passwords import hash_password, password_problem
from .queries import find_account, hold_account, load_account
from .show import account_json
from .suspend import resume_account, suspend_account
from .suspended import Suspended
from .throttle import network_of

__all__ = [
    "DEFAULT_LOCALE",
    "LOCALES",
    "Account",
    "AccountConfirmed",
    "AccountEmailChanged",
    "AccountExists",
    "AccountLine",
    "AccountResumed",
    "AccountShape",
    "AccountSuspended",
    "AppsDisconnected",
    "MailAddress",
    "NewAccount",
    "OperatorAct",
    "PasswordReset",
    "Suspended",
    "account_json",
    "accounts_page",
    "api_key_asked",
    "authenticate_api_key",
    "authenticate_session",
    "count_suspended",
    "create_account",
    "find_account",
    "hash_password",
    "hold_account",
    "hold_session",
    "invite_account",
    "keep_account",
    "load_account",
    "network_of",
    "password_problem",
    "primary_api_key",
    "read_address",
    "read_locale",
    "recent_acts",
    "record_act",
    "resume_account",
    "suspend_account",
    "with_account",
]
