"""The broker as Python sees it: a server on real sockets in a thread of its own, and the hands on its clock."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import TracebackType

from simbroker import _core
from simbroker.configuration import check_range, check_seed, configuration, url_of, users_of, vhosts_of
from simbroker.tls import Certificates, Tls
from simbroker.errors import BrokerWaits, ClockError, ConfigurationError, Error, WaitTimeout
from simbroker.faults import Faults
from simbroker.inspection import Deadline, Inspection
from simbroker.operator import Operator

# Ctrl-C is noticed this often while waiting for an event.
_PATIENCE = timedelta(milliseconds=100)


def event_kinds() -> list[str]:
    """Every kind an Event may have; those called message_... only come with observe_messages."""
    return _core.event_kinds()


class Broker(Operator, Inspection):
    """An AMQP 0-9-1 broker that listens on a free port of this machine until close().

    clock     "wall" runs with the wall clock, "x100" a hundred times as fast (any positive factor), and "manual"
              stands still but for advance(): clients talk to it as fast as they like, timeouts come when told.
    profile   which broker to be, one of profiles().
    seed      decides everything random, such as the names the server makes up.
    host      where to listen; by default 127.0.0.1 and ::1 only.
    port      0 takes a free one.
    trace     a file to record the run in, for replay() or `simbroker replay`.
    users     name to password; each may open every vhost. By default guest, guest.
    vhosts    the virtual hosts there are.
    plugins   the RabbitMQ plug-ins that are enabled, such as ["rabbitmq_recent_history_exchange"]; by default the
              profile's.
    auth_mechanisms   the SASL mechanisms offered, such as ["PLAIN", "EXTERNAL"]; by default the profile's.
    certificate_login   which name in a client's certificate is the user of EXTERNAL: "distinguished_name" or
              "common_name" or "subject_alternative_name" (its first DNS name).
    tls       certificates to listen with on a second port, as simbroker.certificates() makes them, or a Tls.
    control   opens the HTTP API on a free port of this machine, at control_url: for tests in other languages.
    observe_messages   whether each message leaves events of its own (published, routed, delivered ...).
    config    what else `simbroker serve --config` takes: channel_max, frame_max, heartbeat, message_size_max,
              deprecated_features, operations (a list such as [{"add_user": {"user": "anna", "password": "secret"}}]) ...
    """

    def __init__(
        self,
        clock: str = "wall",
        *,
        profile: str = "rabbitmq-4.3",
        seed: int = 0,
        host: str = "",
        port: int = 0,
        trace: str | os.PathLike[str] | None = None,
        users: Mapping[str, str] | None = None,
        vhosts: Sequence[str] = ("/",),
        plugins: Sequence[str] | None = None,
        auth_mechanisms: Sequence[str] | None = None,
        certificate_login: str = "distinguished_name",
        tls: Tls | Certificates | None = None,
        control: bool = False,
        observe_messages: bool = False,
        config: Mapping[str, object] | None = None,
    ) -> None:
        self._closed = True  # until it has begun
        self.clock = clock
        self.profile = profile
        self.seed = seed
        self.trace = None if trace is None else os.fspath(trace)
        check_seed(seed)
        check_range("port", port, 65535)
        self.users = users_of(users)
        self.vhosts = vhosts_of(vhosts)
        settings = configuration(
            profile=profile,
            users=self.users,
            vhosts=self.vhosts,
            plugins=plugins,
            auth_mechanisms=auth_mechanisms,
            certificate_login=certificate_login,
            observe_messages=observe_messages,
            config=config,
        )
        if isinstance(tls, Certificates):
            tls = Tls(tls.server, authority=tls.ca.certificate, verify="peer")
        self._server = _core.Server(
            clock=clock,
            seed=seed,
            host=host,
            port=port,
            trace=self.trace,
            config=settings,
            tls=None if tls is None else tls.as_options(),
            control=control,
        )
        self._closed = False

    # Where it is

    @property
    def host(self) -> str:
        """The address clients use, 127.0.0.1 unless told otherwise."""
        return self._server.host

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        """For clients that take a URL, as the first user on the first vhost.

        With a manual clock it asks the client to go without heartbeats: the client's timers run on the wall clock, so
        it could not keep pace with advance() and would be taken for dead.
        """
        return self.url_for()

    def url_for(self, vhost: str | None = None, user: str | None = None) -> str:
        """The URL of any vhost, as any user."""
        query = "?heartbeat=0" if self.clock == "manual" else ""
        return url_of(self.users, self.vhosts, user, vhost, self.host, self.port) + query

    @property
    def tls_port(self) -> int | None:
        """The port that speaks TLS, or None."""
        return self._server.tls_port

    @property
    def url_tls(self) -> str:
        """Like `url`, over TLS: amqps://. Clients want the authority too, see simbroker.certificates()."""
        if self.tls_port is None:
            raise ConfigurationError("this broker has no TLS; expected Broker(tls=...)")
        return self.url.replace("amqp://", "amqps://", 1).replace(f":{self.port}/", f":{self.tls_port}/", 1)

    @property
    def control_url(self) -> str | None:
        """Where the HTTP API is, with control=True: simbroker/control/README.md, or GET /openapi.json there."""
        return self._server.control_url

    @property
    def closed(self) -> bool:
        return self._closed

    # Time

    @property
    def now(self) -> timedelta:
        """Broker time since the broker began."""
        return self._server.now

    @property
    def next_deadline(self) -> Deadline | None:
        """When something is due next by itself, and what: a TTL, a heartbeat. Broker time, like `now`."""
        what = self._server.next_deadline
        return None if what is None else Deadline.of(what.at, what)

    def advance(
        self,
        by: timedelta | None = None,
        *,
        milliseconds: float = 0,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
    ) -> None:
        """Moves a manual clock: advance(seconds=1800) or advance(timedelta(minutes=30)).

        What clients have sent is handled first, at the old time. Then everything due on the way happens, in order and
        each at its own time. When this returns, all that follows has been written to the sockets.
        """
        units = timedelta(milliseconds=milliseconds, seconds=seconds, minutes=minutes, hours=hours, days=days)
        if by is not None and not isinstance(by, timedelta):
            raise TypeError(f"advance() by {by!r}; expected a timedelta, or seconds=, minutes=, hours= or days=")
        total = units if by is None else by + units
        if total < timedelta():
            raise ClockError(f"advance() by {total}; time does not go back")
        self._server.advance(total)

    def advance_to_next(self) -> Deadline | None:
        """Moves a manual clock to the next deadline, however far; how far that was and what was due, or None if nothing
        is."""
        reached = self._server.advance_to_next()
        return None if reached is None else Deadline.of(*reached)

    # What happened

    def events(self, kind: str | None = None, *, since: int = 0) -> list[_core.Event]:
        """What happened inside, oldest first: all, or of one kind, or from sequence number `since` on."""
        _check_kind(kind)
        return [event for event in self._server.events(since) if kind in (None, event.kind)]

    def wait_for_event(
        self,
        kind: str | None = None,
        *,
        subject: str | None = None,
        detail: str | None = None,
        since: int = 0,
        timeout: float = 5.0,
    ) -> _core.Event:
        """The first event like that, from sequence number `since` on; waits for it `timeout` seconds of wall time."""
        _check_kind(kind)
        give_up = time.monotonic() + timeout
        next_sequence = since
        while True:
            for event in self._server.events(next_sequence):
                next_sequence = event.sequence + 1
                if _matches(event, kind, subject, detail):
                    return event
            left = timedelta(seconds=max(0.0, give_up - time.monotonic()))
            if not left:
                raise WaitTimeout(self._what_came_instead(kind, subject, detail, since, timeout))
            self._server.wait_for_event(next_sequence, min(left, _PATIENCE))

    def _what_came_instead(
        self, kind: str | None, subject: str | None, detail: str | None, since: int, timeout: float
    ) -> str:
        wanted = {"kind": kind, "subject": subject, "detail": detail}
        wanted_text = ", ".join(f"{name}={value!r}" for name, value in wanted.items() if value is not None) or "any"
        came = [repr(event) for event in self.events(since=since)][-10:]
        return f"no event with {wanted_text} in {timeout} s; the last that came: " + ("; ".join(came) or "none")

    # What an operator does

    def drop_connection(self, connection: int) -> None:
        """Resets the transport under one client without a word, as a failing network would."""
        self._server.drop_connection(self._open(connection))

    def set_alarm(self, resource: str, raised: bool = True) -> None:
        """Raises or clears the "memory" or the "disk" alarm: while one is up, publishers are blocked."""
        self._server.set_alarm(resource, raised)

    def crash(self) -> None:
        """The power goes: every connection is reset without a word, and none is taken until :meth:`start`.

        What is durable stays: durable exchanges and queues, their bindings, and the persistent messages that had
        reached the disk; RabbitMQ flags all of them as redelivered.
        """
        self._server.crash()

    def shut_down(self) -> None:
        """An orderly stop: clients are told 320, and no connection is taken until :meth:`start`."""
        self._server.shut_down()

    def start(self) -> None:
        """Up again after :meth:`crash` or :meth:`shut_down`, on the same port; nothing happens if it is up."""
        self._server.start()

    def restart(self, *, patience: timedelta = timedelta(seconds=1)) -> None:
        """:meth:`shut_down`, then :meth:`start`.

        Clients have ``patience`` of real time to close; those that have not by then are reset.
        """
        self.shut_down()
        deadline = time.monotonic() + patience.total_seconds()
        while self.connections and time.monotonic() < deadline:
            time.sleep(0.001)
        self.start()

    def reset(self) -> str | None:
        """Between two tests: clients are told 320 and closed; then all is as it was at the beginning, but for the numbers
        of events, which go on. A trace goes on in a new file; the old one gets a number, and this is its name."""
        return self._server.reset()

    def split_writes(self, octets: int | None, pause: timedelta = timedelta()) -> None:
        """From now on writes to clients come in pieces of so many octets, with a pause between; None: whole again."""
        if octets is not None and octets < 1:
            raise ConfigurationError(f"pieces of {octets} octets; expected 1 or more, or None for whole writes")
        self._server.split_writes(octets or 0, pause)

    @property
    def faults(self) -> Faults:
        """What goes wrong between the broker and its clients, on purpose."""
        return Faults(lambda: self._server)

    # The end

    def close(self) -> None:
        """Tells every client 320, closes, and finishes the trace. Harmless when closed already."""
        self._closed = True
        self._server.close()

    def __enter__(self) -> Broker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._closed:
            return f"<simbroker.Broker closed, profile={self.profile} seed={self.seed}>"
        return (
            f"<simbroker.Broker {self.url} clock={self.clock} profile={self.profile} seed={self.seed} now={self.now}>"
        )


def _check_kind(kind: str | None) -> None:
    if kind is not None and kind not in event_kinds():
        raise Error(f"no event is of kind {kind!r}; expected one of {', '.join(event_kinds())}")


def _warn_of_waiting(text: str) -> None:
    """Called by the server's thread when a test seems to wait for a clock that only the test can turn."""
    warnings.warn(text, BrokerWaits, stacklevel=2)


def _matches(event: _core.Event, kind: str | None, subject: str | None, detail: str | None) -> bool:
    return kind in (None, event.kind) and subject in (None, event.subject) and detail in (None, event.detail)
