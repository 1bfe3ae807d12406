"""Looking into a broker: what the HTTP API shows, as dictionaries of the same columns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simbroker import _core

Rows = list[dict[str, Any]]


class Deadline(timedelta):
    """When something is due, or how far away that was; and what it is.

    kind         such as "message_expiry", "heartbeat_check" or "delivery_timeout"
    text         the same in words: 'message_expiry of queue "orders" in vhost "/"'
    connection, channel   whose it is; 0: nobody's
    vhost, subject        the queue or the exchange; "": none
    """

    kind: str
    text: str
    connection: int
    channel: int
    vhost: str
    subject: str

    @classmethod
    def of(cls, when: timedelta, what: _core.Deadline) -> Deadline:
        deadline = cls(when.days, when.seconds, when.microseconds)
        for name in ("kind", "text", "connection", "channel", "vhost", "subject"):
            setattr(deadline, name, getattr(what, name))
        return deadline

    def __repr__(self) -> str:
        return f"<Deadline {self} {self.text}>"


class Inspection:
    """The looking part of Broker. Everything is as of now; nothing is changed by it.

    What a client has sent without waiting for an answer, such as a publish, may still be on its way. With a manual clock
    advance(), of no time, handles it first; otherwise wait_for_event() or a confirm tells that it is there.
    """

    def list(self, what: str, *, vhost: str = "/", queue: str = "") -> Rows:
        raise NotImplementedError

    def queues(self, vhost: str = "/") -> Rows:
        """name, type, arguments, messages, messages_ready, messages_unacknowledged, consumers, policy ..."""
        return self.list("queues", vhost=vhost)

    def exchanges(self, vhost: str = "/") -> Rows:
        """name, type, arguments, durable, auto_delete, internal, policy."""
        return self.list("exchanges", vhost=vhost)

    def bindings(self, vhost: str = "/", *, queue: str = "") -> Rows:
        """source_name, destination_name, destination_kind, routing_key, arguments; first those to the default exchange."""
        return self.list("bindings", vhost=vhost, queue=queue)

    def channels(self) -> Rows:
        """connection, number, messages_unacknowledged, messages_unconfirmed, prefetch_count, confirm, transactional ..."""
        return self.list("channels")

    def consumers(self, vhost: str = "/", *, queue: str = "") -> Rows:
        """queue_name, connection, channel, consumer_tag, ack_required, prefetch_count, messages_unacknowledged."""
        return self.list("consumers", vhost=vhost, queue=queue)

    def messages(self, queue: str = "", vhost: str = "/") -> Rows:
        """What waits in one queue, or in all, in the order in which it leaves them: exchange, routing_key, properties,
        body (text, or {"hex": ...}), redelivered, priority, expires_at in seconds of broker time."""
        return self.list("messages", vhost=vhost, queue=queue)

    def unacknowledged(self, queue: str = "", vhost: str = "/") -> Rows:
        """What consumers hold: as messages(), with connection, channel, consumer_tag and delivery_tag."""
        return self.list("unacknowledged", vhost=vhost, queue=queue)
