"""django-oauth-toolkit as its documentation sets it up, for production; no middleware that the calls do not need.

Tokens rotate and reuse is detected. Persistent connections. Where the documentation lets an operator choose, the
faster choice is taken: client secrets in plain text (hashed, its PBKDF2 costs 100 ms a call).
"""

import os
from urllib.parse import urlsplit

_DATABASE = urlsplit(os.environ["BENCH_DATABASE_URL"])

SECRET_KEY = "bench" * 10
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _DATABASE.path.strip("/"),
        "USER": _DATABASE.username,
        "HOST": _DATABASE.hostname,
        "PORT": _DATABASE.port,
        "CONN_MAX_AGE": None,
    }
}
OAUTH2_PROVIDER = {
    "SCOPES": {"read": "Read", "write": "Write"},
    "ACCESS_TOKEN_EXPIRE_SECONDS": 36_000,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 36_000,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
}
LOGGING = {"version": 1, "disable_existing_loggers": True}
