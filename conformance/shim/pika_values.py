"""What the shims of pika's two faces share: its messages, and what its errors mean."""
import re

from pika import exceptions
from pika.adapters.utils import connection_workflow

from contract import body_to_json, properties_to_json

KINDS = [  # The first class that fits names the kind.
    (exceptions.ChannelClosedByBroker, "channel_closed"),
    (exceptions.ConnectionClosedByBroker, "connection_closed"),
    (exceptions.ConnectionBlockedTimeout, "timeout"),
    (connection_workflow.AMQPConnectorStackTimeout, "timeout"),
    (connection_workflow.AMQPConnectorException, "connection_refused"),
    (exceptions.AMQPHeartbeatTimeout, "connection_lost"),
    (exceptions.StreamLostError, "connection_lost"),
    (exceptions.AuthenticationError, "authentication_failed"),
    (exceptions.ProbableAuthenticationError, "authentication_failed"),
    (exceptions.ProbableAccessDeniedError, "connection_refused"),
    (exceptions.ConnectionOpenAborted, "connection_refused"),
    (exceptions.IncompatibleProtocolError, "protocol_error"),
    (exceptions.ConnectionWrongStateError, "wrong_state"),
    (exceptions.ProtocolSyntaxError, "protocol_error"),
    (exceptions.UnroutableError, "returned"),
    (exceptions.NackError, "nacked"),
    (exceptions.ConsumerCancelled, "cancelled"),
    (exceptions.ChannelWrongStateError, "wrong_state"),
    (exceptions.DuplicateConsumerTag, "invalid_argument"),
    (exceptions.InvalidChannelNumber, "invalid_argument"),
    (exceptions.ShortStringTooLong, "invalid_argument"),
    (exceptions.UnsupportedAMQPFieldException, "invalid_argument"),
    (exceptions.AMQPConnectionError, "connection_refused"),
    (exceptions.AMQPError, "other"),
    (exceptions.ChannelError, "other"),
]
DOCUMENTED = (exceptions.AMQPError, exceptions.ChannelError, connection_workflow.AMQPConnectorException)


def described(error, connecting=False):
    kind = next(kind for documented, kind in KINDS if isinstance(error, documented))
    if kind == "connection_refused" and not connecting and type(error) is exceptions.AMQPConnectionError:
        kind = "connection_lost"
    code = getattr(error, "reply_code", None)
    if code is None:  # During the handshake pika wraps the reply of the broker in an error with its own opinion.
        told = re.search(r"ClosedByBroker: \((\d+)\)", str(error))
        code = int(told.group(1)) if told else None
    return {"kind": kind, "code": code, "text": str(getattr(error, "reply_text", None) or repr(error))}


def content_to_json(properties, body):
    return {"properties": properties_to_json(properties), "body": body_to_json(body)}


def refused_by_pika(error):
    """pika checks arguments in these two files; a TypeError from anywhere else is a defect, not a refusal."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename.endswith(("pika/validators.py", "pika/connection.py"))
