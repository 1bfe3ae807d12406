"""What the tests share: connections of the real pika that close themselves, and an end to every test that hangs."""

import signal
from types import SimpleNamespace

import pika
import pytest

pytest_plugins = ["pytester"]

_LONGEST_TEST = 60  # seconds


def pytest_addoption(parser):
    parser.addoption(
        "--broker-url",
        metavar="URL",
        help="run the examples against this broker instead of a simulated one of their own",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "longest(seconds): how long this test may take")


@pytest.fixture(autouse=True)
def never_hangs(request):
    """Raises in the middle of whatever a test waits for when its time is over."""
    marker = request.node.get_closest_marker("longest")
    seconds = marker.args[0] if marker else _LONGEST_TEST

    def give_up(number, frame):
        pytest.fail(f"not finished after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


class SimulatedBroker:
    def __init__(self, broker):
        self._broker = broker
        self.host, self.port = broker.host, broker.port

    def let_pass(self, seconds, connection):
        self._broker.advance(seconds=seconds)


class RealBroker:
    def __init__(self, url):
        parameters = pika.URLParameters(url)
        self.host, self.port = parameters.host, parameters.port

    def let_pass(self, seconds, connection):
        connection.process_data_events(time_limit=seconds)


@pytest.fixture
def endpoint(request):
    """host and port of the broker an example runs on; let_pass() gives time to it, virtual or real."""
    url = request.config.getoption("--broker-url")
    return RealBroker(url) if url else SimulatedBroker(request.getfixturevalue("simbroker"))


@pytest.fixture
def connect(endpoint):
    """Opens connections of pika to the example's broker."""
    opened = []

    def open_one(**parameters):
        parameters = {"host": endpoint.host, "port": endpoint.port, **parameters}
        opened.append(pika.BlockingConnection(pika.ConnectionParameters(**parameters)))
        return opened[-1]

    yield open_one
    for connection in opened:
        if connection.is_open:
            connection.close()


@pytest.fixture
def connection(connect):
    # Heartbeats are the client's business in wall time; most tests move broker time by more than they allow.
    return connect(heartbeat=0)


@pytest.fixture
def channel(connection):
    return connection.channel()


@pytest.fixture
def cleanup(connect):
    """Deletes what an example leaves behind: cleanup.queues and cleanup.exchanges."""

    leftovers = SimpleNamespace(queues=[], exchanges=[])
    yield leftovers
    channel = connect(heartbeat=0).channel()
    for queue in leftovers.queues:
        channel.queue_delete(queue)
    for exchange in leftovers.exchanges:
        channel.exchange_delete(exchange)
