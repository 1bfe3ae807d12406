"""What the shim of py-amqp makes of its messages and errors."""
import socket
import traceback

import amqp
from amqp import exceptions

from contract import PROPERTIES, body_from_json, body_to_json, value_from_json, value_to_json

DOCUMENTED = (exceptions.AMQPError, exceptions.MessageNacked, OSError)


class Returned(Exception):
    """Not of the library: it hands a returned message to a callback, confirms or none."""


def raised_in(error, function):
    return any(frame.name == function for frame in traceback.extract_tb(error.__traceback__))


def kind_of(error, connecting, alive):
    if isinstance(error, exceptions.MessageNacked):
        return "nacked"
    if isinstance(error, exceptions.ConsumerCancelled):
        return "cancelled"
    if isinstance(error, socket.timeout):
        return "timeout"
    if isinstance(error, OSError) or "Too many heartbeats missed" in str(error):
        return "connection_refused" if connecting else "connection_lost"
    if connecting and isinstance(error, exceptions.AccessRefused):
        return "authentication_failed"
    if raised_in(error, "dumps"):
        return "invalid_argument"
    if isinstance(error, exceptions.ResourceError) and raised_in(error, "_get_free_channel_id"):
        return "other"
    if not error.code and "already closed" in str(error):
        return "wrong_state"
    if raised_in(error, "_on_close"):
        return "channel_closed" if alive else "connection_closed"
    return "protocol_error"


def described(error, connecting=False, alive=True):
    kind = kind_of(error, connecting, alive)
    by_broker = kind in ("channel_closed", "connection_closed", "authentication_failed")
    return {"kind": kind, "code": error.reply_code or error.code if by_broker else None,
            "text": str(error.reply_text) if by_broker else repr(error)}


def message_from_json(properties, body):
    fields = value_from_json(properties)
    if "headers" in fields:
        fields["application_headers"] = fields.pop("headers")
    return amqp.Message(body_from_json(body), **fields)


def content_to_json(message):
    found = {name: message.properties.get("application_headers" if name == "headers" else name) for name in PROPERTIES}
    present = {name: value_to_json(value) for name, value in found.items() if value is not None}
    return {"properties": present, "body": body_to_json(message.body)}


def delivery_to_json(message, *names):
    return {**{name: message.delivery_info[name] for name in names}, **content_to_json(message)}
