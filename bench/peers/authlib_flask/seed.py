"""python seed.py prepare | tokens COUNT | codes COUNT: prints what a client holds, one a line."""

import os
import sys
import time
import uuid

from app import OAuth2Client, OAuth2Code, OAuth2Token, User, app, db

PEOPLE = 256
CLIENT = os.environ["BENCH_CLIENT_ID"]


def prepare() -> None:
    db.create_all()
    client = OAuth2Client(
        client_id=CLIENT,
        client_secret=os.environ["BENCH_CLIENT_SECRET"],
        client_id_issued_at=int(time.time()),
        client_secret_expires_at=0,
    )
    client.set_client_metadata(
        {
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "redirect_uris": [os.environ["BENCH_REDIRECT_URI"]],
            "token_endpoint_auth_method": "client_secret_post",
            "scope": "read write",
        }
    )
    db.session.add(client)
    db.session.add_all(User(id=number + 1, username=f"person{number}") for number in range(PEOPLE))


def tokens(count: int) -> None:
    for number in range(count):
        access, refresh = uuid.uuid4().hex, uuid.uuid4().hex
        db.session.add(
            OAuth2Token(
                client_id=CLIENT,
                user_id=number % PEOPLE + 1,
                token_type="Bearer",
                access_token=access,
                refresh_token=refresh,
                scope="read write",
                expires_in=36_000,
            )
        )
        print(access, refresh)


def codes(count: int) -> None:
    for number in range(count):
        code = uuid.uuid4().hex
        db.session.add(
            OAuth2Code(
                code=code,
                client_id=CLIENT,
                redirect_uri=os.environ["BENCH_REDIRECT_URI"],
                scope="read write",
                user_id=number % PEOPLE + 1,
                code_challenge=os.environ["BENCH_CODE_CHALLENGE"],
                code_challenge_method="S256",
            )
        )
        print(code)


with app.app_context():
    {"prepare": prepare, "tokens": tokens, "codes": codes}[sys.argv[1]](*map(int, sys.argv[2:]))
    db.session.commit()
