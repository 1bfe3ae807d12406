"""As much of the Docker Engine API as test suites use to get a RabbitMQ of their own: a container here is a broker.

aio-pika's and aiormq's suites talk to the engine at DOCKER_HOST and start, kill and restart what they believe to be
RabbitMQ's image. This answers them, so that nothing in the suites needs to change.
"""

import http.server
import json
import re
import threading

from harness.broker import BrokerError

NOBODYS_PORT = 1


class DockerEngine:
    """Listens on a free port; `open_broker` makes what a new container runs."""

    def __init__(self, open_broker):
        engine = self

        class Handler(_Handler):
            containers = engine

        self._open_broker = open_broker
        self._brokers = {}
        self._commands = {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def docker_host(self):
        return f"tcp://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        for broker in self._brokers.values():
            broker.close()

    def create(self, _body):
        name = f"broker{len(self._brokers) + 1}"
        self._brokers[name] = self._open_broker()
        return {"Id": name}

    def inspect(self, name):
        broker = self._brokers[name]
        ports = {"5672/tcp": broker.port, "5671/tcp": broker.tls_port or NOBODYS_PORT}
        bound = {port: [{"HostIp": "127.0.0.1", "HostPort": str(number)}] for port, number in ports.items()}
        return {"Id": name, "State": {"Running": True}, "NetworkSettings": {"Ports": bound}}

    def start(self, name):
        self._brokers[name].start()

    def stop(self, name):
        self._brokers[name].close()

    def remove(self, name):
        self._brokers.pop(name).close()

    def execute(self, name, body):
        words = body["Cmd"]
        deeds = {("rabbitmqctl", "stop_app"): self.stop, ("rabbitmqctl", "start_app"): self.start}
        command = f"command{len(self._commands) + 1}"
        deed = deeds.get(tuple(words))
        self._commands[command] = 0 if deed else 127
        if deed:
            deed(name)
        return {"Id": command}

    def state_of(self, command):
        return {"Running": False, "ExitCode": self._commands[command]}


class _Handler(http.server.BaseHTTPRequestHandler):
    containers: DockerEngine

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        path = re.sub(r"^/v[0-9.]+", "", self.path).partition("?")[0]
        try:
            status, told = self._do(path, body)
        except (BrokerError, KeyError) as error:
            status, told = 500, {"message": repr(error)}
        octets = json.dumps(told).encode() if told is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    do_GET = do_POST = do_DELETE = answer

    def _do(self, path, body):
        engine = self.containers
        words = [self.command, *path.strip("/").split("/")]
        match words:
            case ["GET", "_ping"] | ["POST", "images", "create"]:
                return 200, None
            case ["POST", "containers", "create"]:
                return 201, engine.create(body)
            case ["GET", "containers", name, "json"]:
                return 200, engine.inspect(name)
            case ["POST", "containers", name, "start"]:
                return 204, engine.start(name)
            case ["POST", "containers", name, "stop" | "kill"]:
                return 204, engine.stop(name)
            case ["DELETE", "containers", name]:
                return 204, engine.remove(name)
            case ["POST", "containers", name, "exec"]:
                return 201, engine.execute(name, body)
            case ["POST", "exec", _command, "start"]:
                return 200, None
            case ["GET", "exec", command, "json"]:
                return 200, engine.state_of(command)
        return 404, {"message": f"no such call: {' '.join(words)}"}

    def log_message(self, *_arguments):
        pass
