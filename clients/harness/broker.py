"""The brokers a story can be told to: a `simbroker serve` of its own, or any other broker behind a forwarder.

Both have a `url` and can `restart()`, on the same port, as a client sees it: the connections end, for a moment nobody
listens, then somebody does.
"""

import select
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 20
STOP_SECONDS = 10
# Long enough that a client which reconnects at once is refused at least once.
DOWN_SECONDS = 0.3


class BrokerError(Exception):
    """The broker did not start, or did not end well."""


@dataclass(frozen=True)
class Certificates:
    """The server's certificate and its key, and who may sign those of clients; files in PEM."""

    server: Path
    key: Path
    authority: Path


class Simbroker:
    """`simbroker serve`, started for one story. What was declared is gone after a restart: clients declare again."""

    def __init__(self, program, arguments=(), certificates=None):
        self._program = str(program)
        self._arguments = list(arguments)
        self._certificates = certificates
        self._process = None
        self.port = 0
        self.tls_port = 0  # with certificates
        self.control_url = None  # with --control HOST:PORT
        self.start()

    @property
    def url(self):
        # Without a slash at its end, which some clients take for a vhost without a name.
        return f"amqp://guest:guest@127.0.0.1:{self.port}"

    def restart(self):
        self.close()
        time.sleep(DOWN_SECONDS)
        self.start()

    def close(self):
        """Ends it as an operator would. Its exit status is part of the verdict."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        try:
            status = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise BrokerError(f"simbroker serve did not end within {STOP_SECONDS} s of SIGTERM") from None
        finally:
            process.stdout.close()
        if status != 0:
            raise BrokerError(f"simbroker serve ended with status {status}, expected 0")

    def start(self):
        if self._process is not None:
            return
        command = [self._program, "serve", "--port", str(self.port), *map(str, self._arguments), *self._tls_arguments()]
        with tempfile.TemporaryFile() as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
            readable, _, _ = select.select([self._process.stdout], [], [], READY_SECONDS)
            words = self._process.stdout.readline().split() if readable else []
            if len(words) != 2 or words[0] != "ready":
                self._process.kill()
                self._process.wait()
                log.seek(0)
                told = log.read().decode(errors="replace").strip() or "and nothing on standard error"
                raise BrokerError(f"{' '.join(command)}: expected \"ready URL\" on standard output, got {words}; {told}")
        self.port = urllib.parse.urlsplit(words[1]).port
        if self._certificates:
            self.tls_port = urllib.parse.urlsplit(self._process.stdout.readline().split()[1]).port
        if "--control" in self._arguments:
            self.control_url = self._process.stdout.readline().split()[1]

    def _tls_arguments(self):
        if not self._certificates:
            return []
        server, key, authority = map(str, (self._certificates.server, self._certificates.key, self._certificates.authority))
        port = ["--tls-port", str(self.tls_port), "--tls-cert", server, "--tls-key", key]
        return [*port, "--tls-ca", authority, "--tls-verify", "peer"]


def look_at(url):
    """BrokerError if nothing could be reached there."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port or 5672
    except ValueError:
        parts, host = None, None
    if not host or parts.scheme != "amqp":
        raise BrokerError(f"{url!r}: expected amqp://user:password@host:port/vhost")
    try:
        socket.create_connection((host, port), timeout=READY_SECONDS).close()
    except OSError as error:
        raise BrokerError(f"no connection to {host}:{port}: {error.strerror or error}") from None


class Forwarded:
    """A broker that is not ours to stop, behind a forwarder that is: a restart is every connection cut at once."""

    tls_port = None

    def __init__(self, url):
        self._target = urllib.parse.urlsplit(url)
        self._open = []
        self._lock = threading.Lock()
        self._listener = None
        self.port = 0
        self.start()

    @property
    def url(self):
        credentials = self._target.netloc.rpartition("@")[0] or "guest:guest"
        return f"amqp://{credentials}@127.0.0.1:{self.port}{self._target.path.rstrip('/')}"

    def restart(self):
        self.close()
        time.sleep(DOWN_SECONDS)
        self.start()

    def close(self):
        if self._listener is None:
            return
        # shutdown wakes the thread that accepts; close alone would leave it, and the port, as they are.
        listener, self._listener = self._listener, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self._lock:
            ended, self._open = self._open, []
        for end in ended:
            _cut(end)

    def start(self):
        if self._listener is not None:
            return
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            broker = socket.create_connection((self._target.hostname, self._target.port or 5672))
            for end in (client, broker):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open += [client, broker]
            for source, sink in ((client, broker), (broker, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source, sink):
    try:
        while octets := source.recv(1 << 16):
            sink.sendall(octets)
    except OSError:
        pass
    _cut(source)
    _cut(sink)


def _cut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
