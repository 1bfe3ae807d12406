"""What the shim of aio-pika makes of its messages and errors."""
import asyncio
import inspect

import aio_pika
import pamqp.exceptions
from aiormq import exceptions

from contract import Unsupported, body_from_json, body_to_json, properties_to_json, value_from_json, value_to_json

# aiormq makes classes of the reply codes and forgets the codes.
CODES = {
    exceptions.ChannelAccessRefused: 403, exceptions.ChannelNotFoundEntity: 404, exceptions.ChannelLockedResource: 405,
    exceptions.ChannelPreconditionFailed: 406, exceptions.ConnectionFrameError: 501,
    exceptions.ConnectionSyntaxError: 502, exceptions.ConnectionCommandInvalid: 503,
    exceptions.ConnectionChannelError: 504, exceptions.ConnectionUnexpectedFrame: 505,
    exceptions.ConnectionResourceError: 506, exceptions.ConnectionNotAllowed: 530,
    exceptions.ConnectionNotImplemented: 540, exceptions.ConnectionInternalError: 541,
    exceptions.ProbableAuthenticationError: 403,
}
KINDS = [  # The first class that fits names the kind.
    (exceptions.PublishError, "returned"),
    (exceptions.DeliveryError, "nacked"),
    (exceptions.DuplicateConsumerTag, "invalid_argument"),
    (exceptions.ChannelInvalidStateError, "wrong_state"),
    (exceptions.ChannelClosed, "channel_closed"),
    (exceptions.ConnectionClosed, "connection_closed"),
    (exceptions.ProbableAuthenticationError, "authentication_failed"),
    (exceptions.AuthenticationError, "authentication_failed"),
    (exceptions.IncompatibleProtocolError, "protocol_error"),
    (exceptions.ProtocolSyntaxError, "protocol_error"),
    (asyncio.TimeoutError, "timeout"),
    (pamqp.exceptions.PAMQPException, "protocol_error"),
    (exceptions.AMQPError, "other"),
]
DOCUMENTED = (*aio_pika.exceptions.CONNECTION_EXCEPTIONS, asyncio.TimeoutError, asyncio.CancelledError)


def kind_of(error, connecting):
    if isinstance(error.__cause__, (EOFError, OSError)) and not isinstance(error, asyncio.TimeoutError):
        return "connection_refused" if connecting else "connection_lost"
    for documented, kind in KINDS:
        if isinstance(error, documented):
            return kind
    if isinstance(error, OSError):
        return "connection_refused" if connecting else "connection_lost"
    if isinstance(error, asyncio.CancelledError):  # What aiormq does to everybody when heartbeats are missed.
        return "connection_lost"
    return "wrong_state" if isinstance(error, RuntimeError) else "other"


def described(error, connecting=False):
    kind = kind_of(error, connecting)
    code = CODES.get(type(error))
    if code is None and kind.endswith("_closed") and error.args and isinstance(error.args[0], int):
        code = error.args[0]
    text = error.args[-1] if kind.endswith("_closed") and error.args else repr(error)
    return {"kind": kind, "code": code, "text": str(text)}


def message_from_json(properties, body):
    fields = value_from_json(properties)
    if "cluster_id" in fields:
        raise Unsupported("aio_pika.Message has no cluster_id")
    if "expiration" in fields:  # aio-pika counts in seconds.
        fields["expiration"] = float(fields["expiration"]) / 1000
    return aio_pika.Message(body_from_json(body), **fields)


def content_to_json(message):
    present = properties_to_json(message.properties)
    present |= {"type": message.type, "headers": value_to_json(dict(message.headers))}
    for name in ("type", "headers", "cluster_id"):  # The library has no word for one that is there and empty.
        if not present.get(name):
            present.pop(name, None)
    return {"exchange": message.exchange, "routing_key": message.routing_key, "body": body_to_json(message.body),
            "properties": present}


def refused_by_library(error):
    """An error of a value that was given: it comes out of the library, or out of the encoder below it."""
    return any(folder in inspect.getinnerframes(error.__traceback__)[-1].filename
               for folder in ("/aio_pika/", "/aiormq/", "/pamqp/"))
