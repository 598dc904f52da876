"""python seed.py prepare | tokens COUNT | codes COUNT: prints what a client holds, one a line."""

import os
import sys
import uuid
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken  # noqa: E402

PEOPLE = 256


def prepare() -> None:
    call_command("migrate", verbosity=0)
    Application.objects.create(
        name="bench",
        client_id=os.environ["BENCH_CLIENT_ID"],
        client_secret=os.environ["BENCH_CLIENT_SECRET"],
        hash_client_secret=False,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=os.environ["BENCH_REDIRECT_URI"],
    )
    User.objects.bulk_create(User(username=f"person{number}", password="!") for number in range(PEOPLE))


def tokens(count: int) -> None:
    app, people, later = Application.objects.get(), list(User.objects.all()), timezone.now() + timedelta(hours=10)
    for number in range(count):
        person, access, refresh = people[number % PEOPLE], uuid.uuid4().hex, uuid.uuid4().hex
        token = AccessToken.objects.create(
            user=person, application=app, token=access, scope="read write", expires=later
        )
        RefreshToken.objects.create(
            user=person, application=app, token=refresh, access_token=token, token_family=uuid.uuid4()
        )
        print(access, refresh)


def codes(count: int) -> None:
    app, people, later = Application.objects.get(), list(User.objects.all()), timezone.now() + timedelta(hours=10)
    made = [
        Grant(
            user=people[number % PEOPLE],
            application=app,
            code=uuid.uuid4().hex,
            expires=later,
            redirect_uri=os.environ["BENCH_REDIRECT_URI"],
            scope="read write",
            code_challenge=os.environ["BENCH_CODE_CHALLENGE"],
            code_challenge_method="S256",
        )
        for number in range(count)
    ]
    Grant.objects.bulk_create(made)
    print("\n".join(grant.code for grant in made))


with transaction.atomic():
    {"prepare": prepare, "tokens": tokens, "codes": codes}[sys.argv[1]](*map(int, sys.argv[2:]))
