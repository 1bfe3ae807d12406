"""A client of the tests that does the handshake and nothing more, so that every octet it sees can be told."""

import socket

import simbroker


class RawClient:
    """Connects as guest to vhost /. Every wait is bounded."""

    def __init__(self, broker, heartbeat=0, frame_max=131072):
        self.socket = socket.create_connection((broker.host, broker.port), timeout=10)
        self.splitter = simbroker.FrameSplitter()
        self.frames = []
        self.send(simbroker.PROTOCOL_HEADER)
        self.expect("connection.start")
        self.send(
            simbroker.encode_method("connection.start-ok", mechanism="PLAIN", response="\0guest\0guest", locale="en_US")
        )
        self.expect("connection.tune")
        self.send(
            simbroker.encode_method("connection.tune-ok", channel_max=2047, frame_max=frame_max, heartbeat=heartbeat)
        )
        self.send(simbroker.encode_method("connection.open", virtual_host="/"))
        self.expect("connection.open-ok")

    def send(self, octets):
        self.socket.sendall(octets)

    def receive(self):
        """The next frame."""
        while not self.frames:
            octets = self.socket.recv(65536)
            if not octets:
                raise EOFError("the broker closed the connection")
            self.frames += self.splitter.feed(octets)
        return self.frames.pop(0)

    def expect(self, name):
        frame = self.receive()
        assert frame.name == name, f"expected {name}, got {frame}"
        return frame

    def received_by_now(self):
        """All frames that are here already."""
        self.socket.setblocking(False)
        try:
            while octets := self.socket.recv(65536):
                self.frames += self.splitter.feed(octets)
        except BlockingIOError:
            pass
        finally:
            self.socket.settimeout(10)
        frames, self.frames = self.frames, []
        return frames

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
