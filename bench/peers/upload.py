"""What a send costs at least: take a multipart body apart as it comes, write the file, fsync it, answer."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

from multipart import MultipartSegment, PushMultipartParser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

FOLDER = Path(os.environ["BENCH_FOLDER"])
BOUNDARY = "bench-boundary"
_numbers = itertools.count()


async def _upload(request: Request) -> JSONResponse:
    path = FOLDER / f"upload-{next(_numbers)}"
    with path.open("wb") as file, PushMultipartParser(BOUNDARY) as parser:
        segment: Any = None
        async for chunk in request.stream():
            for part in parser.parse(chunk):
                if isinstance(part, MultipartSegment):
                    segment = part
                elif part and segment.filename:
                    file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return JSONResponse({"bytes": path.stat().st_size})


app = Starlette(routes=[Route("/", _upload, methods=["POST"])])
