"""The network of a simulation as Python sees it: stream sockets that lead to the broker, without a kernel in between.

A Socket is a socket.socket, so that everybody takes it for one, but it has no file descriptor: its fileno() is a number that
only the event loop of the same simulation can wait for. It is always non-blocking in effect: whoever would wait has to ask the loop.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from simbroker import _core
from simbroker.errors import Error

# Where no descriptor of the kernel ever is, so that a mistake meets EBADF and not somebody else's file.
_FIRST_FILENO = 1 << 30
_FIRST_CLIENT_PORT = 49152
_Address = tuple[Any, ...]


class Network:
    """Every socket of a simulation, and which of them have something to read."""

    def __init__(self, server: _core.SimulatedServer) -> None:
        self._server = server
        self.now = 0  # broker time in nanoseconds
        self.next_event: int | None = None  # when something happens by itself, unless somebody has done something since
        self._touched = False
        self.by_fileno: dict[int, Socket] = {}
        self.readable: dict[int, Socket] = {}  # in the order in which they became so
        self._by_connection: dict[int, Socket] = {}
        self._next_fileno = _FIRST_FILENO
        self._names: dict[str, str] = {}

    @property
    def port(self) -> int:
        """The broker's, on every address; a fault may move it."""
        return self._server.port

    @property
    def server(self) -> _core.SimulatedServer:
        """For whoever does something to it: what comes next may be another thing then."""
        self._touched = True
        return self._server

    def open(self, family: int, type: int, proto: int) -> Socket:
        opened = Socket(self, self._next_fileno, family, type, proto)
        self.by_fileno[self._next_fileno] = opened
        self._next_fileno += 1
        return opened

    def connect(self, opened: Socket) -> int:
        connection = self.server.connect()
        self._by_connection[connection] = opened
        return connection

    def forget(self, closed: Socket, connection: int | None) -> None:
        self.by_fileno.pop(closed.number, None)
        self.readable.pop(closed.number, None)
        if connection is not None:
            self._by_connection.pop(connection, None)

    def run(self, limit: int | None) -> None:
        """Goes on until a socket learns something, or broker time reaches the limit (nanoseconds).

        May stop before either, so that an interrupt is noticed.
        """
        self._touched = False
        self.now, self.next_event, news = self._server.run(limit)
        for connection, kind, octets in news:
            if (opened := self._by_connection.get(connection)) is not None:
                opened.learn(kind, octets)

    def run_what_is_due(self) -> None:
        """What happens at this very instant."""
        if self._touched or (self.next_event is not None and self.next_event <= self.now):
            self.run(self.now)

    def run_until(self, instant: int) -> None:
        """For a client that is not listening: what comes meanwhile waits in the sockets."""
        while self.now < instant:
            self.run(instant)

    def address_of(self, name: str) -> str:
        """Every name leads somewhere: an address is itself, localhost is what it always is, others get one each."""
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                socket.inet_pton(family, name)
            except OSError:
                continue
            return name
        if name in ("", "localhost"):
            return "127.0.0.1"
        number = len(self._names) + 1
        return self._names.setdefault(name, f"10.0.{number >> 8 & 255}.{number & 255}")


class Socket(socket.socket):
    """One end of a simulated connection."""

    def __new__(cls, *arguments: Any, **names: Any) -> Socket:
        return super().__new__(cls)

    def __init__(self, network: Network, fileno: int, family: int, type: int, proto: int) -> None:
        # Not socket.socket.__init__: it would ask the kernel for a descriptor.
        self.number = fileno
        self._network = network
        self._family = socket.AddressFamily(family)
        self._proto = proto
        self._timeout: float | None = socket.getdefaulttimeout()
        self._connection: int | None = None
        self._peer: _Address | None = None
        self._accepted = False
        self._error = 0  # told once, by getsockopt(SO_ERROR) or the next call
        self._broken: int | None = None  # the connection is gone, with this error; 0: in order
        self._finished = False  # we said that nothing more comes
        self._closed = False
        self._inbox = bytearray()

    # What the loop wants to know

    @property
    def is_writable(self) -> bool:
        return self._accepted or self._broken is not None

    def learn(self, kind: str, octets: bytes) -> None:
        if kind == "accepted":
            self._accepted = True
            return
        if kind == "octets":
            self._inbox += octets
        else:
            self._broken = {"refused": errno.ECONNREFUSED, "reset": errno.ECONNRESET}.get(kind, 0)
            if kind == "refused":
                self._error = self._broken
        self._network.readable[self.number] = self

    # Connecting

    def connect(self, address: Any) -> None:
        if error := self.connect_ex(address):
            raise OSError(error, os.strerror(error))

    def connect_ex(self, address: Any) -> int:
        self._check_open()
        if self._connection is not None or self._peer is not None:
            return errno.EISCONN if self._accepted else errno.EALREADY
        if self._timeout != 0:
            raise Error(
                f"connect({address!r}) of a blocking socket in virtual time: nobody would move the time meanwhile; "
                "expected an asyncio client (or one on its loop), whose sockets are non-blocking"
            )
        self._peer = tuple(address)
        if self._peer[1] != self._network.port:
            self._error = self._broken = errno.ECONNREFUSED
            return errno.ECONNREFUSED
        self._connection = self._network.connect(self)
        return errno.EINPROGRESS

    # Octets

    def send(self, data: Any, flags: int = 0) -> int:
        self._check_connected()
        if self._broken or self._finished:
            self._raise_broken(errno.EPIPE)  # after an orderly end octets go nowhere, and nobody says so
        octets = bytes(data)
        assert self._connection is not None
        self._network.server.send(self._connection, octets)
        return len(octets)

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.send(data, flags)

    def sendmsg(self, buffers: Any, *rest: Any) -> int:
        return self.send(b"".join(buffers))

    def recv(self, size: int, flags: int = 0) -> bytes:
        self._check_connected()
        taken = bytes(self._inbox[:size])
        if not flags & socket.MSG_PEEK:
            del self._inbox[:size]
        if self._broken is None and not self._inbox:
            self._network.readable.pop(self.number, None)
        if taken or size == 0:
            return taken
        if self._broken is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if self._broken:
            self._raise_broken(self._broken)
        return b""

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        taken = self.recv(nbytes or len(buffer), flags)
        memoryview(buffer).cast("B")[: len(taken)] = taken
        return len(taken)

    # The end

    def shutdown(self, how: int) -> None:
        self._check_connected()
        if how in (socket.SHUT_WR, socket.SHUT_RDWR):
            self._finish()

    def close(self) -> None:
        if self._closed:
            return
        self._finish()
        self._closed = True
        self._network.forget(self, self._connection)

    def detach(self) -> int:
        raise Error("a socket in virtual time has no descriptor to detach")

    def _finish(self) -> None:
        if self._connection is not None and not self._finished:
            self._finished = True
            self._network.server.disconnect(self._connection)

    # What else clients ask of a socket

    def fileno(self) -> int:
        return -1 if self._closed else self.number

    @property
    def family(self) -> socket.AddressFamily:
        return self._family

    @property
    def type(self) -> socket.SocketKind:
        return socket.SOCK_STREAM

    @property
    def proto(self) -> int:
        return self._proto

    def getpeername(self) -> _Address:
        self._check_connected()
        assert self._peer is not None
        return self._peer

    def getsockname(self) -> _Address:
        self._check_open()
        host = "::1" if self._family == socket.AF_INET6 else "127.0.0.1"
        return (host, 0 if self._connection is None else _FIRST_CLIENT_PORT + self._connection % 16384)

    def getsockopt(self, level: int, option: int, size: int = 0) -> Any:
        self._check_open()
        if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
            error, self._error = self._error, 0
            return error
        return socket.SOCK_STREAM if (level, option) == (socket.SOL_SOCKET, socket.SO_TYPE) else 0

    def setsockopt(self, *arguments: Any) -> None:
        """Nothing that could be set matters here."""

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def getblocking(self) -> bool:
        return self._timeout != 0

    def settimeout(self, value: float | None) -> None:
        self._timeout = value

    def gettimeout(self) -> float | None:
        return self._timeout

    @property
    def timeout(self) -> float | None:
        return self._timeout

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"connection={self._connection} peer={self._peer}"
        return f"<simbroker.aio.Socket {state}>"

    def _check_open(self) -> None:
        if self._closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def _check_connected(self) -> None:
        self._check_open()
        if not self._accepted and not self._broken:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    def _raise_broken(self, error: int) -> None:
        self._error = 0
        raise OSError(error, os.strerror(error))
