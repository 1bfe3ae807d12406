"""The control API over HTTP, as any language would use it: urllib and the real pika. simbroker/control/README.md's
examples run here too."""

import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from types import SimpleNamespace

import pika
import pytest
from codebase import ROOT

import simbroker as package


@pytest.fixture
def broker(simbroker_factory):
    return simbroker_factory(control=True)


@pytest.fixture
def ask(broker):
    def ask(method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(broker.control_url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
            return json.loads(text) if text else None

    return ask


@pytest.fixture
def channel(broker):
    connection = pika.BlockingConnection(pika.URLParameters(broker.url))
    channel = connection.channel()
    channel.confirm_delivery()
    yield channel
    if connection.is_open:
        connection.close()


def refused(ask, method, path, body=None):
    with pytest.raises(urllib.error.HTTPError) as raised:
        ask(method, path, body)
    return raised.value.code, json.loads(raised.value.read())


def test_thirty_minutes_pass(ask, channel):
    channel.queue_declare("orders", arguments={"x-message-ttl": 1_800_000})
    channel.basic_publish("", "orders", b"late")
    assert ask("GET", "/messages?queue=orders")[0]["body"] == "late"

    clock = ask("POST", "/clock/advance", {"by": "30m"})

    assert clock["now"] == 1800
    assert channel.basic_get("orders") == (None, None, None)
    assert ask("GET", "/queues")[0]["messages"] == 0


def test_events_are_streamed(broker, ask, channel):
    with urllib.request.urlopen(broker.control_url + "/events/stream?kind=queue_declared", timeout=10) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        channel.queue_declare("q")
        lines = [stream.readline().decode().rstrip("\n") for _ in range(4)]
    assert lines[1] == "event: queue_declared"
    assert json.loads(lines[2].removeprefix("data: "))["subject"] == "q"


def test_the_trace_can_be_taken_away_and_replayed(broker, ask, channel, tmp_path):
    channel.queue_declare("q")
    file = tmp_path / "taken.trace"
    with urllib.request.urlopen(broker.control_url + "/trace", timeout=10) as response:
        file.write_bytes(response.read())
    assert package.replay(file).identical


def test_python_has_no_control_url_unless_asked(simbroker):
    assert simbroker.control_url is None


# ---- the examples of the README


@pytest.fixture
def serve():
    program = ROOT / "build" / "bin" / "simbroker"
    if not program.exists():
        pytest.skip(f"{program} is not built")
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [program, "serve", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        url = process.stdout.readline().split()[1]
        return SimpleNamespace(url=url, control=process.stdout.readline().split()[1], process=process)

    yield start
    for process in started:
        process.terminate()
        process.wait(10)
        process.stdout.close()
        process.stderr.close()


def examples():
    text = (ROOT / "simbroker/control/README.md").read_text(encoding="utf-8")
    return re.search(r"```console\n(.*?)```", text, re.DOTALL).group(1)


def commands(text):
    """Each command with the lines it is followed by."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def test_the_examples_of_the_readme_work(serve, tmp_path):
    token = "secret"
    server = serve(
        "--clock", "manual", "--control", "127.0.0.1:0", "--control-token", token, "--trace", tmp_path / "run.trace"
    )
    environment = {
        **os.environ,
        "API": server.control,
        "TOKEN": token,
        "PATH": f"{ROOT / 'build/bin'}:{os.environ['PATH']}",
    }
    ran = 0
    for command, output in commands(examples()):
        if command.startswith("simbroker serve") or command.startswith(("API=", "TOKEN=")):
            continue
        done = subprocess.run(
            ["bash", "-c", command], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=20
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        wanted = re.escape(output.strip()).replace(re.escape("..."), ".*")
        assert re.fullmatch(wanted, done.stdout.strip(), re.DOTALL), (command, done.stdout)
        ran += 1
    assert ran >= 8
