"""An installation on several hosts: PostgreSQL and files on one, servers and workers on others, one balancer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from aiosmtpd.controller import Controller

from tests.harness import Cluster, _postgres_binaries, free_port
from tests.helpers import pki
from tests.helpers.object_store import running_object_store
from tests.helpers.process import Installation, installation
from tests.hosts.balancer import Balancer, balancing
from tests.hosts.lan import Host, Lan, network
from tests.kit.test_mail import Postbox

READY_SECONDS = 120
SECRET_KEY = "the same on every host, at least 32 characters"


class LanCluster(Cluster):
    """PostgreSQL on a host of the network."""

    def __init__(self, folder: Path, host: Host) -> None:
        super().__init__(folder)
        self.host = host

    def start(self) -> None:
        data, binaries = self.folder / "cluster", _postgres_binaries()
        self._run(f"{binaries}/initdb -D {data} -U paraph --auth=trust -E UTF8 --locale=C -N >/dev/null")
        self._run(f"echo 'host all all {self.host.address}/24 trust' >> {data}/pg_hba.conf")
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=* -c fsync=off -c max_connections=200"
        self._run(f"{binaries}/pg_ctl -D {data} -w -o '{options}' -l {self.folder}/log start >/dev/null")

    def _url(self, name: str) -> str:
        return f"postgresql://paraph@{self.host.address}:{self.port}/{name}"

    def _sql(self, statement: str) -> None:
        command = ["psql", "-q", "-h", str(self.folder), "-p", str(self.port), "-U", "paraph", "-d", "postgres"]
        subprocess.run([*command, "-c", statement], check=True)

    def _run(self, command: str) -> None:
        # it refuses to run as root
        as_postgres = ["runuser", "-u", "postgres", "--", "sh", "-c", command]
        subprocess.run([*self.host.prefix, *as_postgres], check=True, cwd="/tmp")


@dataclass
class Node:
    """A process of the installation on a host; it can be stopped and started again."""

    host: Host
    kind: str
    environment: dict[str, str]
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self, **settings: str) -> Node:
        """Start it; returns when a server answers."""
        own = {f"PARAPH_{name.upper()}": value for name, value in settings.items()}
        arguments = ["serve", "--no-worker"] if self.kind == "serve" else ["worker"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*self.host.prefix, sys.executable, "-m", "paraph", *arguments],
                env=self.environment | own,
                stdout=output,
                stderr=output,
            )
        return self

    def wait_until_ready(self) -> Node:
        """Wait until a server takes calls."""
        assert self.process is not None
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"http://{self.host.address}:{self.port}/readyz", timeout=5).status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{self.host.name} was not ready:\n{self.log.read_text()}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tell it to end, and return its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(40)

    def kill(self) -> None:
        """End it whatever it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@dataclass
class Place:
    """The whole installation, and who stands outside of it."""

    lan: Lan
    folder: Path
    shared: dict[str, str]
    balancer: Balancer
    postbox: Postbox
    database: Host
    stack: ExitStack
    nodes: list[Node] = field(default_factory=list)

    def node(self, kind: str, host: Host | None = None) -> Node:
        """A process that is not started yet, with a disk of its own."""
        number = len(self.nodes)
        host = host or self.lan.add(f"{kind}{number}")
        port = free_port()
        folder = self.folder / f"disk-{host.name}-{number}"
        folder.mkdir()
        own = {"PARAPH_DATA_DIR": str(folder), "PARAPH_HOST": host.address, "PARAPH_PORT": str(port)}
        node = Node(host, kind, self.shared | own, self.folder / f"{host.name}-{number}.log", port)
        self.nodes.append(node)
        self.stack.callback(node.kill)
        return node

    def server(self) -> Node:
        """A running server on a host of its own, behind the balancer."""
        node = self.node("serve").start().wait_until_ready()
        self.balancer.servers.append((node.host.address, node.port))
        return node

    @property
    def console(self) -> Installation:
        """The command line, on this side, with settings and secrets alone."""
        folder = self.folder / "console"
        place = installation(folder)
        own = {"PARAPH_DATA_DIR": str(folder / "data")}
        return Installation(folder, place.environment | self.shared | own)

    def mails_to(self, address: str) -> list[str]:
        """The texts of what was sent to this address, oldest first."""
        found = [message for message in self.postbox.messages if message["To"] == address]
        return [message.get_body(("plain",)).get_content() for message in found]


def wait_until(done: Callable[[], object]) -> None:
    """Wait for what another host does; this machine may be busy with other things."""
    end = time.monotonic() + READY_SECONDS
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@contextmanager
def several_hosts(folder: Path) -> Iterator[Place]:
    """PostgreSQL and an S3-compatible store on one host; the tests add servers and workers."""
    with ExitStack() as stack:
        lan = stack.enter_context(network())
        far = lan.add("data")
        cluster = LanCluster(_for_postgres(stack), far)
        cluster.start()
        stack.callback(cluster.stop)
        store = stack.enter_context(running_object_store(folder / "s3", host=far.address, prefix=far.prefix))
        postbox = Postbox()
        smtp = Controller(postbox, hostname=lan.address, port=free_port())
        smtp.start()
        stack.callback(smtp.stop)
        balancer = stack.enter_context(balancing([]))
        shared = _settings(folder, cluster.new_database(), store.new_bucket("documents"), smtp, balancer.url)
        yield Place(lan, folder, shared, balancer, postbox, far, stack)


def _for_postgres(stack: ExitStack) -> Path:
    """A folder that PostgreSQL's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="paraph-hosts-"))
    stack.callback(shutil.rmtree, folder, True)
    shutil.chown(folder, "postgres", "postgres")
    return folder


def _settings(folder: Path, database: str, bucket: dict[str, object], smtp: Controller, url: str) -> dict[str, str]:
    """What every process is given: settings and secrets, no file that another process writes."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PARAPH_")}
    secret, seal = folder / "secret-key", folder / "seal.p12"
    secret.write_text(SECRET_KEY)
    world = pki.World("http://127.0.0.1:9")
    world.pkcs12(seal, world.certified("Seal of many hosts", pki.p256()))
    chosen: dict[str, object] = {
        "database_url": database,
        "database_pool": 5,
        "public_url": url,
        "secret_key_file": secret,
        "seal_pkcs12": seal,
        "seal_pkcs12_passphrase": pki.PASSPHRASE,
        "smtp_host": smtp.hostname,
        "smtp_port": smtp.port,
        "smtp_security": "none",
        "mail_from": "paraph@example.com",
        "allow_private_callbacks": "true",
        "api_rate_limit": 100_000,
        "drain_seconds": 1,
        "office": "off",
        "testing": "true",
        **bucket,
    }
    return inherited | {f"PARAPH_{name.upper()}": str(value) for name, value in chosen.items()}
