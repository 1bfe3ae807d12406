"""A deterministic AMQP broker for tests: real sockets, your clock, every run repeatable.

    import pika, simbroker

    with simbroker.Broker(clock="manual") as broker:
        connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        ...
        broker.advance(minutes=30)        # a 30-minute TTL expires now

Conformance scenarios, one test an item (simbroker.scenarios, simbroker.Shim for a client of your own, simbroker.verbs):

    @simbroker.scenarios("basic.*", against=MyClient)
    def test_my_client(scenario):
        scenario.run().check()

Beside them: frames of AMQP 0-9-1 as values (decode_frames, encode_method ...), replay() of a recorded run, and a
pytest plugin with the fixture `simbroker`.
"""

from simbroker import verbs
from simbroker._core import Event
from simbroker._core import version as __version__
from simbroker.broker import Broker, event_kinds
from simbroker.catalogue import Scenario, ScenarioResult, Scenarios, scenarios
from simbroker.configuration import profiles
from simbroker.errors import (
    AddressError,
    BrokerWaits,
    ClockError,
    ClosedError,
    ConfigurationError,
    DecodeError,
    EncodeError,
    Error,
    FaultError,
    OperationError,
    ScenarioError,
    ScenarioFailed,
    ShimError,
    TraceError,
    WaitTimeout,
)
from simbroker.exploration import Finding, Outcome, draw_plan, explore, run_plan, shrink
from simbroker.faults import Fault, Faults
from simbroker.frames import (
    PROTOCOL_HEADER,
    Frame,
    FrameSplitter,
    decode_frames,
    encode_content,
    encode_frame,
    encode_method,
    methods,
)
from simbroker.inspection import Deadline
from simbroker.shim import Shim
from simbroker.tls import Certificates, KeyPair, Tls, certificates
from simbroker.trace import Replay, replay

__all__ = [
    "AddressError",
    "Broker",
    "BrokerWaits",
    "Certificates",
    "ClockError",
    "ClosedError",
    "ConfigurationError",
    "Deadline",
    "DecodeError",
    "EncodeError",
    "Error",
    "Event",
    "Fault",
    "FaultError",
    "Faults",
    "Finding",
    "Frame",
    "FrameSplitter",
    "KeyPair",
    "OperationError",
    "Outcome",
    "PROTOCOL_HEADER",
    "Replay",
    "Scenario",
    "ScenarioError",
    "ScenarioFailed",
    "ScenarioResult",
    "Scenarios",
    "Shim",
    "ShimError",
    "Tls",
    "TraceError",
    "WaitTimeout",
    "__version__",
    "certificates",
    "decode_frames",
    "draw_plan",
    "encode_content",
    "encode_frame",
    "encode_method",
    "event_kinds",
    "explore",
    "methods",
    "profiles",
    "replay",
    "run_plan",
    "scenarios",
    "shrink",
    "verbs",
]
