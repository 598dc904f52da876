"""The process that forks a child for each task. Started by `pool`; ends when its caller does."""

import gc
import os
import selectors
import signal
import socket
import sys
from typing import NoReturn

from paraph.documents.sandbox import child, confine
from paraph.documents.sandbox.protocol import CONTROL, RUN, WITH_NETWORK

CONTROL_MESSAGE_BYTES = 64


class Nursery:
    """Children by task id, and the only one who may kill or reap them: so an id never means another."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, int] = {}
        self._wakeup_read, self._wakeup_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def serve(self) -> None:
        """Until the caller closes the control socket or dies."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._wakeup_write, warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wakeup_read, selectors.EVENT_READ)
            while self._turn(selector):
                pass
        for pid in self._children.values():
            os.kill(pid, signal.SIGKILL)

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        for key, _ in selector.select():
            if key.fd == self._wakeup_read:
                os.read(self._wakeup_read, 4096)
                self._reap()
            elif not self._obey():
                return False
        return True

    def _obey(self) -> bool:
        """One message of the caller; False when it has hung up."""
        message, handles, _, _ = socket.recv_fds(self._control, CONTROL_MESSAGE_BYTES, 1)
        if len(message) != CONTROL.size:
            return False
        order, task = CONTROL.unpack(message)
        if order == RUN:
            self._fork(task, handles[0])
        elif task in self._children:
            os.kill(self._children[task], signal.SIGKILL)
        return True

    def _fork(self, task: int, handle: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            os.close(handle)  # the caller sees the hangup
            return
        if pid == 0:
            self._become_child(handle)
        os.close(handle)
        self._children[task] = pid

    def _become_child(self, handle: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            os.close(self._wakeup_read)
            os.close(self._wakeup_write)
            _mute_libraries()
            child.run(socket.socket(fileno=handle))
        finally:
            os._exit(0)

    def _reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._children = {task: other for task, other in self._children.items() if other != pid}


def _mute_libraries() -> None:
    """What they print about a hostile file is neither ours to log nor short; what counts is answered."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stderr.fileno())
    os.close(silence)


def main(control_handle: int, *, keeps_network: bool) -> None:
    """The whole life of the nursery."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not keeps_network:
        confine.leave_the_network()
    child.preload()
    gc.collect()
    gc.freeze()
    Nursery(socket.socket(fileno=control_handle)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), keeps_network=sys.argv[2:] == [WITH_NETWORK])
