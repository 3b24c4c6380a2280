"""The sockets of the server, taken before anything else starts."""

import errno
import socket
import sys
from typing import Final

BACKLOG_CONNECTIONS: Final = 2_048
SHARES_PORTS: Final = sys.platform == "linux"


class PortTaken(Exception):
    """Somebody else listens there already."""

    def __init__(self, host: str, port: int) -> None:
        message = (
            f"Port {port} on {host} is taken by another program; stop that, or choose another "
            f"port with --port, for example {port + 1}."
        )
        super().__init__(message)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises `PortTaken`."""
    return _listen(host, port, socket.SO_REUSEADDR)


def listen_many(host: str, port: int, count: int) -> list[socket.socket]:
    """As many sockets on one port, among which the system shares new connections out evenly.

    With one socket for all, whoever wakes first takes most of what has come at once. Where the
    system cannot share, it is one socket all the same.
    """
    listener = listen(host, port)
    if count == 1 or not SHARES_PORTS:
        return [listener] * count
    port = listener.getsockname()[1]
    listener.close()  # it was ours alone: now for those that will share it
    return [_listen(host, port, socket.SO_REUSEADDR, socket.SO_REUSEPORT) for _ in range(count)]


def _listen(host: str, port: int, *options: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    for option in options:
        listener.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG_CONNECTIONS)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        raise
    return listener


def listen_near(host: str, port: int, ports_max: int = 100) -> socket.socket:
    """As `listen`, on the first free port from this one on. Raises `PortTaken`."""
    for candidate in range(port, port + ports_max - 1):
        try:
            return listen(host, candidate)
        except PortTaken:
            continue
    return listen(host, port + ports_max - 1)


def url_of(listener: socket.socket) -> str:
    """Where a browser finds it, e.g. `http://127.0.0.1:8000`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
