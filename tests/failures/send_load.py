"""Send as fast as possible, over many connections: ``-m tests.failures.send_load URL API_KEY SECONDS``.

Prints how often which answer came.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter

import httpx

from tests.helpers.requests import post_send

CONNECTIONS = 16


def main(url: str, api_key: str, seconds: str) -> None:
    """Send until the time is over."""
    answered: Counter[str] = Counter()
    end = time.monotonic() + float(seconds)

    def send(own: int) -> None:
        with httpx.Client(base_url=url, auth=(api_key, ""), timeout=60) as client:
            number = 0
            while time.monotonic() < end:
                number += 1
                person = {"name": "Load", "email_address": f"load{own}.{number}@example.com"}
                answered[_words(post_send(client, signers=[person], title=f"{own}/{number}"))] += 1

    threads = [threading.Thread(target=send, args=(own,)) for own in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(answered))


def _words(answer: httpx.Response) -> str:
    if answer.status_code == 200:
        return "200"
    return f"{answer.status_code} {answer.json()['error']['error_msg']}"


if __name__ == "__main__":
    main(*sys.argv[1:])
