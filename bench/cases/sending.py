"""POST /v3/signature_request/send with PDFs of 200 KB and 10 MB, answered when durable.

Beside the least that such an upload can cost: multipart taken apart, written, fsynced. Background work is done
elsewhere later, so there is no worker here.
"""

from __future__ import annotations

import base64
import json
import os
import random
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pikepdf

from bench.contenders import Contender
from bench.hosting import Host
from bench.load import wrk
from bench.measuring import Rounds, Slice, Table, free_port
from bench.paraphs import ROOT, Paraph, paraph
from bench.setting import Setting
from bench.turns import HEAD, Measured, fill, noise, take_turns

LEAST = "multipart + fsync alone, 1 process"
SQLITE, POSTGRES = "Paraph, SQLite, 1 process", "Paraph, PostgreSQL, 2 web"
SIZES = (("send, 200 KB", 200_000, 16), ("send, 10 MB", 10_000_000, 4))
LARGE_ROUNDS = 3
"""Of the large ones: a round writes a gigabyte."""
PATH = "/v3/signature_request/send"
BOUNDARY = "bench-boundary"
NUMBER = "@" * 10
"""Where the load generator counts: a request like one under way is refused."""


def run(setting: Setting) -> None:
    """Measure, and say the table."""
    with ExitStack() as stack:
        url = setting.postgres.database("sending")
        lite = stack.enter_context(paraph(setting.folder / "sqlite", workers=-1))
        large = stack.enter_context(paraph(setting.folder / "postgres", url, webs=2, workers=-1))
        contenders = [
            _least(setting, stack),
            _sender(SQLITE, lite, []),
            _sender(POSTGRES, large, [setting.postgres.pid]),
        ]
        measured = [_measure(setting, contenders, *size) for size in SIZES]
    table = Table(*HEAD, words=2)
    for one in measured:
        fill(table, one, POSTGRES)
    setting.report.say("Sending: 16 connections, 4 for the large; goal for 200 KB: at least 200/s, at most 3 ms CPU")
    setting.report.tell([*table.lines(), *noise(measured)])


def _measure(setting: Setting, contenders: list[Contender], title: str, size: int, connections: int) -> Measured:
    body = _body(setting.folder / f"body-{size}", size)
    _check(contenders[1], body)
    if size == SIZES[-1][1]:
        rounds = setting.rounds
        short = Rounds(min(rounds.count, LARGE_ROUNDS), 1, rounds.is_quick)
        setting = Setting(short, setting.report, setting.folder, setting.postgres)

    def turn(one: Contender, _number: int) -> Slice:
        given = {"body": body, "auth": one.client}
        return wrk.turn("send", one.reads, setting.rounds.seconds, given, connections=connections)

    return take_turns(setting, title, contenders, turn)


def _least(setting: Setting, stack: ExitStack) -> Contender:
    port, host = free_port(), Host(setting.folder / "least")
    stack.callback(host.stop)
    command = [sys.executable, "-m", "uvicorn", "bench.peers.upload:app", "--port", str(port), "--no-access-log"]
    host.start(command, os.environ | {"BENCH_FOLDER": str(setting.folder)}, cwd=ROOT, port=port)
    return Contender(LEAST, host)


def _sender(name: str, found: Paraph, beside: list[int]) -> Contender:
    key = base64.b64encode(f"{found.seeder.api_key}:".encode()).decode()
    return Contender(name, found.host, PATH, client=f"Basic {key}", beside=beside)


def _check(one: Contender, body: Path) -> None:
    """One send, looked at closely."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Authorization": one.client}
    request = urllib.request.Request(one.host.url + PATH, body.read_bytes(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.loads(answer.read())["signature_request"]["signatures"]


def _body(path: Path, size: int) -> Path:
    """A multipart body with one signer and a real PDF of about so many bytes."""
    fields = {"title": f"Lease {NUMBER}", "signers[0][name]": "Jill", "signers[0][email_address]": "jill@example.com"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files[0]"; filename="lease.pdf"\r\n'.encode()
    upload = head + b"Content-Type: application/pdf\r\n\r\n" + _pdf(path.with_suffix(".pdf"), size)
    path.write_bytes(b"".join(parts) + upload + f"\r\n--{BOUNDARY}--\r\n".encode())
    return path


def _pdf(path: Path, size: int) -> bytes:
    """A page with a picture of noise, which nothing can make smaller."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    side = int(size**0.5)
    grain = random.Random(size).randbytes(side * side)
    picture = pikepdf.Stream(
        pdf, grain, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=side, Height=side,
        ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=pdf.make_indirect(picture)))
    page.obj["/Contents"] = pdf.make_stream(b"q 500 0 0 700 50 70 cm /I Do Q")
    pdf.save(path, compress_streams=False)
    return path.read_bytes()
