"""Everything simbroker raises. Each is a simbroker.Error, and also the built-in exception one would expect."""


class Error(Exception):
    """What simbroker refuses or fails to do; the text says what, where and what was expected."""


class ConfigurationError(Error, ValueError):
    """An argument of Broker that makes no broker: an unknown clock or profile, a bad vhost or user."""


class AddressError(Error, OSError):
    """The broker cannot listen where it was told to, for instance because the port is in use."""


class ClockError(Error, RuntimeError):
    """Time was to be moved by hand on a clock that moves by itself, or backwards."""


class ClosedError(Error, RuntimeError):
    """The broker is closed and cannot do that any more."""


class OperationError(Error, ValueError):
    """The broker refused what an operator asked of it, in rabbitmqctl's words; or there is no such connection."""


class FaultError(Error, ValueError):
    """A rule of a fault that makes no sense; the text begins with the JSON pointer of what is wrong."""


class WaitTimeout(Error, TimeoutError):
    """What was waited for did not happen in time."""


class BrokerWaits(UserWarning):
    """No client has said anything for 5 s of real time, and what is due next waits for advance()."""


class EncodeError(Error, ValueError):
    """A method, property or frame that cannot be written: unknown field, wrong type, value out of range."""


class DecodeError(Error, ValueError):
    """Octets that are not AMQP 0-9-1; the text has the offset and what was expected there."""


class TraceError(Error, ValueError):
    """A file that is not a trace, or a damaged one."""


class ScenarioError(Error, ValueError):
    """A scenario that is none: an unknown field, verb or clause; the text has every mistake with its place."""


class ScenarioFailed(Error, AssertionError):
    """A scenario did not end as expected: its step, what was expected, what came, and the conversation."""


class ShimError(Error, RuntimeError):
    """A client's shim could not be started, or what a shim itself raises (simbroker.shim)."""


class DeadlockError(Error, RuntimeError):
    """In virtual time: everybody waits, and nothing is left that could happen."""
