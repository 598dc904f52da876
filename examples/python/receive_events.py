"""Receive events: check the hash, answer with the words the sender waits for."""

import json
import os
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer

from common import PORT
from dropbox_sign import EventCallbackHelper, models


class Events(BaseHTTPRequestHandler):
    """The app's event callback URL: a multipart form with one field, ``json``."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + body).get_payload()
        data = json.loads(parts[0].get_payload(decode=True))
        event = models.EventCallbackRequest.init(data)
        genuine = EventCallbackHelper.is_valid(os.environ["PARAPH_API_KEY"], event)
        print(event.event.event_type, "genuine" if genuine else "FORGED", flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello API Event Received")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


HTTPServer(("localhost", PORT + 1), Events).serve_forever()
