"""Receive events: check the hash, answer with the words the sender waits for."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

import multipart
from common import PORT
from dropbox_sign import EventCallbackHelper, models


class Events(BaseHTTPRequestHandler):
    """The app's event callback URL: a multipart form with one field, ``json``."""

    def do_POST(self) -> None:
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": self.headers["Content-Type"],
            "CONTENT_LENGTH": self.headers["Content-Length"],
            "wsgi.input": self.rfile,
        }
        form, _files = multipart.parse_form_data(environ)
        data = json.loads(form["json"])
        event = models.EventCallbackRequest.init(data)
        genuine = EventCallbackHelper.is_valid(os.environ["PARAPH_API_KEY"], event)
        print(event.event.event_type, "genuine" if genuine else "FORGED", flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello API Event Received")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


HTTPServer(("localhost", PORT + 1), Events).serve_forever()
