"""Forks the processes of a crash test from one that has loaded Paraph: a real ``paraph serve`` or ``paraph worker``
(the command itself, in a process of its own that can be killed), without the second that an interpreter takes.

Reads one JSON order a line. ``{"start": number, "arguments": […], "environment": {…}, "log": "…"}`` starts a process
under a number that its caller chose, ``{"kill": number}`` is kill -9 unless it has ended by itself; each end is told
as ``{"ended": number, "status": …}``, negative for a signal. Numbers, and signals only from here, because the ids of
processes come again: after hundreds of deaths the id of a new process is now and then that of a dead one, and only
who waits for a process knows that an id is still its.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from paraph.documents.sandbox import child, confine, nursery, pool

CONTROL_BYTES = 64


class ForkedNursery:
    """Stands in for the process object of a nursery that the launcher forked; it ends when its caller does."""

    def poll(self) -> None:
        """It lives."""

    def wait(self, _seconds: float | None = None) -> int:
        """It has been hung up on, and ends by itself."""
        return 0

    def kill(self) -> None:
        """The same."""


class Launcher:
    """Orders come on standard input; nurseries of document children are asked for on a socket of its own."""

    def __init__(self) -> None:
        self._asked, self._askers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._numbers: dict[int, int] = {}

    def serve(self) -> None:
        """Until standard input ends; then everything that was forked is killed."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            for one in (sys.stdin.fileno(), self._asked, self._woken):
                selector.register(one, selectors.EVENT_READ)
            while self._turn(selector):
                pass
        for pid in self._numbers:
            os.kill(pid, signal.SIGKILL)

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        for key, _ in selector.select():
            if key.fileobj is self._asked:
                self._fork_nursery()
            elif key.fd == self._woken:
                os.read(self._woken, 4096)
                self._reap()
            elif not self._obey():
                return False
        return True

    def _obey(self) -> bool:
        line = sys.stdin.buffer.raw.readline()  # type: ignore[union-attr]
        if not line:
            return False
        order = json.loads(line)
        if "kill" in order:
            for pid in [pid for pid, number in self._numbers.items() if number == order["kill"]]:
                os.kill(pid, signal.SIGKILL)
            return True
        pid = os.fork()
        if pid == 0:
            self._become_server(order)
        self._numbers[pid] = order["start"]
        return True

    def _become_server(self, order: dict[str, Any]) -> NoReturn:
        status = 1
        try:
            self._become_child(order["log"])
            self._asked.close()
            os.environ.clear()
            os.environ.update(order["environment"])
            pool._start_nursery = self._ask_for_nursery  # type: ignore[assignment]
            from paraph.cli import app

            app(order["arguments"], prog_name="paraph")
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _ask_for_nursery(self, control: socket.socket, _with_network: bool) -> ForkedNursery:
        socket.send_fds(self._askers, [b"nursery"], [control.fileno()])
        return ForkedNursery()

    def _fork_nursery(self) -> None:
        _, handles, _, _ = socket.recv_fds(self._asked, CONTROL_BYTES, 1)
        if os.fork() == 0:
            try:
                self._become_child(os.devnull)
                self._asked.close()
                self._askers.close()
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                confine.leave_the_network()
                nursery.Nursery(socket.socket(fileno=handles[0])).serve()
            finally:
                os._exit(0)
        os.close(handles[0])

    def _become_child(self, log: str) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._woken)
        os.close(self._wake)
        null, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.setsid()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._numbers:
                _tell({"ended": self._numbers.pop(pid), "status": os.waitstatus_to_exitcode(status)})


def _tell(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def main() -> None:
    """Load what every server needs, then serve."""
    import paraph.cli
    import paraph.kit.db.postgresql
    import paraph.server
    import paraph.worker  # noqa: F401

    child.preload()
    Launcher().serve()


if __name__ == "__main__":
    main()
