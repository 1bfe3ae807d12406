"""As much of RabbitMQ's management API as amqp091-go's suite uses: what connections there are, and ending one by name.

It stands between the client and the broker, and ends a connection as the plug-in does: connection.close 320 to the
client, and to the broker a connection that is gone.
"""

import http.server
import json
import socket
import struct
import threading
import urllib.parse

from harness.install import Unavailable

# The suite knows no other.
PORT = 15672
FRAME_HEADER, FRAME_END = 7, 1
LONGEST_GREETING = 1 << 16


def _close_frame():
    """connection.close, as octets (AMQP 0-9-1, 1.4.2.9)."""
    text = b"CONNECTION_FORCED - Closed via management plugin"
    payload = struct.pack(">HHHB", 10, 50, 320, len(text)) + text + struct.pack(">HH", 0, 0)
    return struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce"


class _Link:
    """One connection. Frames go to the client whole, so that there is a place between them for another."""

    def __init__(self, client, broker):
        self._client, self._broker = client, broker
        self._lock = threading.Lock()
        self._is_dropped = False
        self.has_ended = False
        self._greeting = b""
        self.name = "{}:{} -> {}:{}".format(*client.getpeername()[:2], *client.getsockname()[:2])

    def run(self):
        for pump in (self._to_client, self._to_broker):
            threading.Thread(target=pump, daemon=True).start()

    @property
    def connection_name(self):
        """What start-ok says about the client: a key of its client-properties, of the type longstr."""
        _, found, rest = self._greeting.partition(b"connection_nameS")
        if not found or len(rest) < 4:
            return ""
        (length,) = struct.unpack(">I", rest[:4])
        return rest[4 : 4 + length].decode(errors="replace")

    def drop(self):
        with self._lock:
            self._is_dropped = True
            _quietly(self._client.sendall, _close_frame())
        self._end(self._broker)

    @staticmethod
    def _end(end):
        _quietly(end.shutdown, socket.SHUT_RDWR)

    def _to_client(self):
        waiting = b""
        while octets := _quietly(self._broker.recv, 1 << 16):
            waiting += octets
            whole = _length_of_whole_frames(waiting)
            with self._lock:
                if self._is_dropped:
                    return
                _quietly(self._client.sendall, waiting[:whole])
            waiting = waiting[whole:]
        if not self._is_dropped:
            self._end(self._client)

    def _to_broker(self):
        while octets := _quietly(self._client.recv, 1 << 16):
            if len(self._greeting) < LONGEST_GREETING:
                self._greeting += octets
            _quietly(self._broker.sendall, octets)
        self._end(self._broker)
        self._end(self._client)
        self._client.close()
        self.has_ended = True


def _quietly(call, *arguments):
    try:
        return call(*arguments)
    except OSError:
        return None


def _length_of_whole_frames(octets):
    at = 0
    while at + FRAME_HEADER <= len(octets):
        (size,) = struct.unpack(">I", octets[at + 3 : at + FRAME_HEADER])
        if at + FRAME_HEADER + size + FRAME_END > len(octets):
            break
        at += FRAME_HEADER + size + FRAME_END
    return at


class Management:
    """A broker with a management API in front of it. It has a `port` and a `url` as the broker has."""

    def __init__(self, broker):
        self._target = broker.port
        self._links = []
        management = self

        class Handler(_Handler):
            front = management

        try:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
        except OSError as error:
            raise Unavailable(f"port {PORT}, which the suite asks, is taken: {error}") from None
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.tls_port = None  # it has to see the names of connections
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def connections(self):
        self._links = [link for link in self._links if not link.has_ended]
        properties = [(link.name, link.connection_name) for link in self._links]
        return [{"name": name, "client_properties": {"connection_name": told}} for name, told in properties]

    def drop(self, name):
        for link in [link for link in self._links if link.name == name]:
            self._links.remove(link)
            link.drop()
            return True
        return False

    def _accept(self):
        while accepted := _quietly(self._listener.accept):
            link = _Link(accepted[0], socket.create_connection(("127.0.0.1", self._target)))
            self._links.append(link)
            link.run()


class _Handler(http.server.BaseHTTPRequestHandler):
    front: Management

    def do_GET(self):
        self._answer(200, json.dumps(self.front.connections()).encode())

    def do_DELETE(self):
        name = urllib.parse.unquote(self.path.rpartition("/")[2])
        self._answer(204 if self.front.drop(name) else 404)

    def _answer(self, status, octets=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_arguments):
        pass
