"""Pages of accounts: the ways in, the ways back in, the settings."""

from .callback import replay, save_callback, send_test_event, show_callback, switch_callback_on
from .confirm import confirm, resend_confirmation, show_confirmation
from .keys import create_key, delete_key, make_key_primary, regenerate_key, show_keys
from .reset import ask_reset, reset, show_ask_reset, show_reset
from .settings import (
    ask_email,
    log_out_all,
    save_password,
    save_profile,
    show_email,
    show_password,
    show_settings,
)
from .sign_in import do_log_in, do_sign_up, log_out, show_log_in, show_sign_up

__all__ = [
    "ask_email",
    "ask_reset",
    "confirm",
    "create_key",
    "delete_key",
    "do_log_in",
    "do_sign_up",
    "log_out",
    "log_out_all",
    "make_key_primary",
    "regenerate_key",
    "replay",
    "resend_confirmation",
    "reset",
    "save_callback",
    "save_password",
    "save_profile",
    "send_test_event",
    "show_ask_reset",
    "show_callback",
    "show_confirmation",
    "show_email",
    "show_keys",
    "show_log_in",
    "show_password",
    "show_reset",
    "show_settings",
    "show_sign_up",
    "switch_callback_on",
]
