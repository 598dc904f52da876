"""A small network of hosts in this machine's kernel: a bridge, and a network namespace for each host."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Host:
    """A host on the network: ``prefix`` is the command that runs another one there."""

    name: str
    address: str
    namespace: str
    cable: str

    @property
    def prefix(self) -> list[str]:
        return ["nsenter", f"--net=/run/netns/{self.namespace}"]


@dataclass
class Lan:
    """The network. This process stands at ``address``, where a balancer, a mail server and callers are."""

    bridge: str
    subnet: str
    hosts: list[Host] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.subnet}.1"

    def add(self, name: str) -> Host:
        """Plug a new host in."""
        number = len(self.hosts) + 2
        host = Host(name, f"{self.subnet}.{number}", f"{self.bridge}-{name}", f"{self.bridge}{number}")
        self.hosts.append(host)
        _ip("netns", "add", host.namespace)
        _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
        _ip("link", "set", host.cable, "master", self.bridge, "up")
        for command in (("addr", "add", f"{host.address}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            _ip("-n", host.namespace, *command)
        _ip("-n", host.namespace, "link", "set", "lo", "up")
        return host

    def cut(self, host: Host) -> None:
        """Pull the cable: packets vanish, nobody is told."""
        _ip("link", "set", host.cable, "down")

    def mend(self, host: Host) -> None:
        """Put it back."""
        _ip("link", "set", host.cable, "up")


def why_not() -> str:
    """Why no network can be made here, or nothing."""
    if os.getuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip") or not shutil.which("nsenter"):
        return "ip and nsenter are missing: run tests/install_tools"
    name = f"px{secrets.token_hex(3)}"
    for make in (["ip", "netns", "add", name], ["ip", "link", "add", name, "type", "bridge"]):
        tried = subprocess.run(make, capture_output=True, text=True)
        if tried.returncode != 0:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
            return f"the kernel refuses {' '.join(make[:3])}: {tried.stderr.strip()}"
    _ip("link", "del", name)
    _ip("netns", "del", name)
    return ""


@contextmanager
def network() -> Iterator[Lan]:
    """Lay a network of its own; it is gone afterwards."""
    number = secrets.randbelow(60_000)
    lan = Lan(f"px{secrets.token_hex(3)}", f"10.{200 + number % 50}.{number // 50 % 250}")
    _ip("link", "add", lan.bridge, "type", "bridge")
    try:
        _ip("addr", "add", f"{lan.address}/24", "dev", lan.bridge)
        _ip("link", "set", lan.bridge, "up")
        yield lan
    finally:
        for host in lan.hosts:
            subprocess.run(["ip", "link", "del", host.cable], capture_output=True)
            subprocess.run(["ip", "netns", "del", host.namespace], capture_output=True)
        _ip("link", "del", lan.bridge)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
