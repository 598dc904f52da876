"""PostgreSQL servers that a test restarts and fails over, and an address that leads to the one that is in charge."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from tests.harness import Cluster, _postgres_binaries, free_port


class Breakable(Cluster):
    """A cluster of its own."""

    @property
    def runs(self) -> bool:
        return (self.folder / "cluster" / "postmaster.pid").exists()

    def restart(self, mode: Literal["fast", "immediate"]) -> None:
        """``immediate`` is a crash: no goodbye to clients, recovery at the start."""
        self._control(f"-m {mode} -w restart -l {self.folder}/log")

    def shut_down(self) -> None:
        """A clean end: what a standby does not have yet is sent first."""
        self._control("-m fast -w stop")

    def promote(self) -> None:
        """Make a standby the one that takes writes."""
        self._control("-w promote")

    def new_standby(self, folder: Path) -> Breakable:
        """A running copy that follows this one."""
        standby = Breakable(folder)
        folder.mkdir()
        shutil.chown(folder, "postgres", "postgres")
        binaries, data = _postgres_binaries(), folder / "cluster"
        self._run(f"{binaries}/pg_basebackup -h 127.0.0.1 -p {self.port} -U paraph -D {data} -R -X stream -c fast")
        self._run(f"chmod 700 {data}")
        options = f"-p {standby.port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        self._run(f"{binaries}/pg_ctl -D {data} -w -o '{options}' -l {folder}/log start >/dev/null")
        return standby

    def _control(self, what: str) -> None:
        self._run(f"{_postgres_binaries()}/pg_ctl -D {self.folder}/cluster {what} >/dev/null")


class Address:
    """A TCP address that stays while the server behind it changes, as a managed database has.

    ``lets_in``: how many connections more; below nought, any number.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.target = 0
        self.lets_in = -1
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port))

    def point_to(self, port: int) -> None:
        """Lead there from now on; connections to the former server are cut."""
        self.target = port
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.lets_in == 0:
                client.close()
                continue
            self.lets_in -= 1
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self.point_to(0)

    def _join(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self.target), 5) as server:
            server.settimeout(None)
            self._open |= {client, server}
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()
            self._open -= {client, server}


@contextmanager
def lasting_address() -> Iterator[Address]:
    """An address until the block ends."""
    address = Address()
    threading.Thread(target=address.serve, daemon=True).start()
    try:
        yield address
    finally:
        address.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
