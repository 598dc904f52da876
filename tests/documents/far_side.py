"""The far side of attacks by documents: a listener that notes who asks, and a file nobody may show."""

import io
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pikepdf


class Listener:
    """The far side of an attack: writes down what it is asked for."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith("do_"):  # whatever else it may be asked for
                    return self.do_GET
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def pictures_in(pdf: bytes | Path) -> int:
    with pikepdf.open(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf) as opened:
        streams = (item for item in opened.objects if isinstance(item, pikepdf.Stream))
        return sum(item.get("/Subtype") == "/Image" for item in streams)
