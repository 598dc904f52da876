"""An installation whose processes die on purpose, and come back; and everybody it deals with."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from paraph.kit.faults import STOPPED_AT
from paraph.kit.settings import Settings, load_settings
from tests.helpers.accounts import PASSWORD, submit
from tests.helpers.receiver import Receiver

from .errands import connect_and_refresh, send_and_sign
from .ledger import Ledger, Postbox
from .plan import Round
from .processes import KillableCluster, Launched

LEASE_PAST_SECONDS = 65
"""What a clock is moved by, so that what a dead process had leased is free."""
COULD_NOT_START = (1, 2)
LOOK_SECONDS = 0.005
ERRANDS_AT_ONCE = 3
BETWEEN_CONNECTIONS_SECONDS = 0.3
JOIN_SECONDS = 240


@dataclass(frozen=True)
class AppMade:
    """An app as its developer knows it."""

    client_id: str
    secret: str
    profile: str

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.secret}


@dataclass(frozen=True)
class Far:
    """Everybody that an installation deals with, alive all the time."""

    launched: Launched
    receiver: Receiver
    postbox: Postbox
    cluster: KillableCluster
    settings: dict[str, str]


@dataclass
class World:
    """One installation. ``deaths`` counts rounds by name; the point of ``missed`` ones was not reached in time."""

    far: Far
    folder: Path
    database_url: str
    environment: dict[str, str]
    api_key: str = ""
    email: str = ""
    apps: list[AppMade] = field(default_factory=list)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    ledger: Ledger = field(default_factory=Ledger)
    deaths: Counter[str] = field(default_factory=Counter)
    missed: list[Round] = field(default_factory=list)
    offset: int = 0

    def __post_init__(self) -> None:
        self._processes: dict[str, int] = {}
        self._offsets: dict[str, int] = dict.fromkeys(self.roles, 0)

    @property
    def roles(self) -> tuple[str, ...]:
        """SQLite belongs to one process; on PostgreSQL web and worker are two."""
        return ("web", "worker") if self.database_url else ("web",)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['PARAPH_PORT']}"

    @property
    def postbox(self) -> Postbox:
        return self.far.postbox

    @property
    def settings(self) -> Settings:
        """The settings of an observer: nothing strikes, and its clock is past everything."""
        quiet = {"PARAPH_FAULT_POINTS": "", "PARAPH_CLOCK_OFFSET_SECONDS": str(max(self._offsets.values()))}
        return load_settings({k: v for k, v in (self.environment | quiet).items() if k.startswith("PARAPH_")})

    def now(self) -> float:
        """The time as the web process has it."""
        return time.time() + self._offsets["web"]

    def run(self, rounds: Sequence[Round], patience: float) -> None:
        """Let people and apps go about, and everything die as the rounds say; then let them finish."""
        over = threading.Event()
        failures: list[BaseException] = []
        errands = [threading.Thread(target=self._go_about, args=(n, over, failures)) for n in range(ERRANDS_AT_ONCE)]
        for errand in errands:
            errand.start()
        try:
            self._let_die(rounds, patience, failures)
        finally:
            over.set()
            for role in self.roles:  # what the last ones to die had leased is free
                self.kill(role)
                self.start(role, later=LEASE_PAST_SECONDS if role == self.roles[-1] else 0)
            deadline = time.monotonic() + JOIN_SECONDS
            while any(errand.is_alive() for errand in errands) and time.monotonic() < deadline:
                self._keep_alive()
                time.sleep(LOOK_SECONDS)
        if failures:
            raise failures[0]
        assert not any(errand.is_alive() for errand in errands), f"people wait for ever\n{self.last_words()}"

    def open_doors(self) -> None:
        """Start everything, with nothing that strikes, and log the person in."""
        for role in self.roles:
            self.start(role)
        with httpx.Client(base_url=self.url, timeout=20) as client:
            _wait(lambda: client.get("/healthz").status_code == 200)
            assert submit(client, "/login", email=self.email, password=PASSWORD).status_code == 303
            self.cookies = client.cookies

    def start(self, role: str, point: str = "", *, later: int = 0) -> None:
        """Start a process; ``later`` is by how much its clock has moved."""
        self._offsets[role] += later
        worker = {"PARAPH_EMBEDDED_WORKER": "true" if len(self.roles) == 1 else "false"}
        own = {"PARAPH_FAULT_POINTS": point, "PARAPH_CLOCK_OFFSET_SECONDS": str(self._offsets[role])}
        arguments = ["serve"] if role == "web" else ["worker"]
        environment = self.environment | worker | own
        self._processes[role] = self.far.launched.start(arguments, environment, self._log(role))

    def kill(self, role: str) -> None:
        """kill -9, and wait for the end."""
        process = self._processes[role]
        self.far.launched.kill(process)
        while process not in self.far.launched.ended:
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Kill what runs."""
        for role in self._processes:
            self.kill(role)

    def last_words(self) -> str:
        """The ends of the logs."""
        logs = [self._log(role) for role in self.roles if self._log(role).exists()]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-6000:]}" for log in logs)

    def _log(self, role: str) -> Path:
        return self.folder / f"{role}.log"

    def _go_about(self, number: int, over: threading.Event, failures: list[BaseException]) -> None:
        try:
            turn = number
            while not over.is_set():
                if number == 0:
                    connect_and_refresh(self, self.apps[turn % len(self.apps)])
                    over.wait(BETWEEN_CONNECTIONS_SECONDS)
                else:
                    send_and_sign(self)
                turn += 1
        except BaseException as failure:
            failures.append(failure)

    def _let_die(self, rounds: Sequence[Round], patience: float, failures: list[BaseException]) -> None:
        """Each process has its own queue of deaths, so that two may die at once."""
        queues = {role: deque(one for one in rounds if self._role_of(one) == role) for role in self.roles}
        running: dict[str, tuple[Round | None, float]] = dict.fromkeys(self.roles, (None, 0.0))
        while running and not failures:
            for role, (one, since) in list(running.items()):
                if one is None:
                    self.kill(role)  # nothing strikes in the one that runs
                elif not self._has_died(role, one, since, patience):
                    continue
                following = queues[role].popleft() if queues[role] else None
                self._start_again(role, one, following)
                if following is None:
                    del running[role]
                else:
                    running[role] = (following, time.monotonic())
            time.sleep(LOOK_SECONDS)

    def _start_again(self, role: str, died_at: Round | None, following: Round | None) -> None:
        """What comes back takes up what was left, and is the next to die."""
        holds_leases = role == self.roles[-1] and (died_at is None or died_at.waits_for_leases)
        later = LEASE_PAST_SECONDS if holds_leases else 0
        self.start(role, following.setting if following else "", later=later)

    def _role_of(self, one: Round) -> str:
        return one.role if one.role in self.roles else "web"

    def _has_died(self, role: str, one: Round, since: float, patience: float) -> bool:
        """True once it did, or was made to because its point was not reached in time."""
        ended = self.far.launched.ended.get(self._processes[role])
        marker = self.folder / "data" / STOPPED_AT
        waited = time.monotonic() - since
        if ended in COULD_NOT_START and self.database_url:
            # while the database was coming back: whoever runs a server starts it again
            self.start(role, one.setting)
            return False
        if ended is not None:
            assert ended == -9, f"{one.name}: ended with {ended}\n{self.last_words()}"
            self.deaths[one.name] += 1
        elif one.victim != "process" and marker.exists() and self._is_of(marker, one):
            self._kill_database(one.victim)
            marker.unlink()
            self.deaths[one.name] += 1
            self.kill(role)
        elif one.point == "" and waited > one.seconds:
            self.kill(role)
            self.deaths[one.name] += 1
        elif one.point and waited > patience:
            self.kill(role)
            self.missed.append(one)
        else:
            return False
        return True

    def _is_of(self, marker: Path, one: Round) -> bool:
        return marker.read_text() == one.label

    def _kill_database(self, how: str) -> None:
        if how == "shutdown":
            self.far.cluster.stop()
        else:
            self.far.cluster.kill()
        self.far.cluster.again()

    def _keep_alive(self) -> None:
        for role in self.roles:
            if self._processes[role] in self.far.launched.ended:
                self.start(role)


def _wait(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if is_so():
                return
        except httpx.TransportError:
            pass
        time.sleep(LOOK_SECONDS)
    raise AssertionError("it does not come up")
