"""Sockets to listen on."""

from __future__ import annotations

import socket

BACKLOG = 2048


class CannotListen(Exception):
    """The address is taken, or is not this machine's; the message says which."""


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Return bound sockets for every address of ``host`` that this machine has; raises OSError when there is none.

    ``localhost`` is two addresses on most machines, and clients differ in which they try first.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound, failure = [], OSError(f"{host} has no address on this machine")
    for family, kind, protocol, _, address in dict.fromkeys(found):
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listener.bind(address)
        except OSError as error:
            listener.close()
            failure = error
        else:
            listener.listen(BACKLOG)
            listener.setblocking(False)
            bound.append(listener)
    if not bound or (port and len(bound) < len(found) and isinstance(failure, OSError) and failure.errno == 98):
        raise failure
    return bound
