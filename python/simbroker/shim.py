"""A client library under test, from Python: a class whose methods are the operations scenarios ask for.

    class MyClient(simbroker.Shim):
        library, version = "mine", mine.__version__
        errors = {mine.ChannelClosed: "channel_closed", mine.ConnectionLost: "connection_lost"}

        def connect(self, host, port, user, password, vhost, **limits):
            self.connection = mine.connect(host, port, user, password, vhost)

        def queue_declare(self, queue="", passive=False, channel=1, **_):
            ok = self.connection.channel(channel).declare(queue, passive)
            return {"queue": ok.name, "message_count": ok.messages, "consumer_count": ok.consumers}

`queue.declare` is the method `queue_declare`; what is not there is not asked for. Methods may be coroutines: then all
runs in one event loop. Arguments and results are those of conformance/shim/README.md, in Python's types: bodies are
bytes, tables and properties dicts with bytes, datetime and Decimal in them.

A shim runs in a process of its own, so that a library that hangs or crashes costs one case:
`python -m simbroker shim my_module:MyClient` is what `scenarios(against=MyClient)` starts, and what
`amqp-conformance client -- ...` can be given.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import os
import platform
import queue
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from simbroker import _contract
from simbroker.errors import ConfigurationError, ShimError

OPERATIONS = (
    *("connect", "close", "channel.open", "channel.close", "wait"),
    *("exchange.declare", "exchange.delete", "exchange.bind", "exchange.unbind"),
    *("queue.declare", "queue.bind", "queue.unbind", "queue.purge", "queue.delete"),
    *("basic.qos", "basic.publish", "basic.consume", "basic.cancel", "basic.get"),
    *("basic.ack", "basic.nack", "basic.reject", "basic.recover"),
    *("confirm.select", "confirm.asynchronous", "tx.select", "tx.commit", "tx.rollback"),
)
_TURN = 0.005  # seconds: how long serve() may take before the next request is looked for
_LAST_ANSWERS = 1.0  # seconds: what is still being worked on when stdin ends


class Failed(ShimError):
    """An operation failed in a way the library documents; `kind` is one of conformance/shim/README.md."""

    def __init__(self, kind: str, text: str = "", code: int | None = None) -> None:
        super().__init__(text or kind)
        self.kind, self.text, self.code = kind, text, code


class Unsupported(ShimError):
    """The library has no way to do what was asked."""


class Shim:
    """Derive from it, give `library`, `version` and `errors`, and a method for each operation the library has."""

    library: ClassVar[str] = ""
    version: ClassVar[str] = ""
    # The exceptions the library documents, and their kinds; the first class that fits decides. Any other exception is a
    # finding: it ends the shim with a traceback.
    errors: ClassVar[Mapping[type[BaseException], str]] = {}

    def serve(self, seconds: float) -> None:
        """For libraries that must be driven: lets the library work for about so long. Called between requests."""

    def event(self, name: str, **details: Any) -> None:
        """Something that happened unasked: self.event("basic.deliver", channel=1, body=b"...", ...). From any thread."""
        _say({"event": name, "with": _told(details)})

    def describe(self, error: BaseException) -> dict[str, Any] | None:
        """What a documented error is for the contract: kind, code, text. None if it is not documented."""
        if isinstance(error, Failed):
            return {"kind": error.kind, "code": error.code, "text": error.text}
        kind = next((kind for documented, kind in self.errors.items() if isinstance(error, documented)), None)
        if kind is None:
            return None
        code = getattr(error, "reply_code", getattr(error, "code", None))
        text = getattr(error, "reply_text", None) or str(error) or type(error).__name__
        return {"kind": kind, "code": code if isinstance(code, int) else None, "text": str(text)}

    @classmethod
    def operations(cls) -> dict[str, str]:
        """The operations the class has, with the names of their methods."""
        methods = {operation: operation.replace(".", "_") for operation in OPERATIONS}
        return {operation: method for operation, method in methods.items() if callable(getattr(cls, method, None))}

    @classmethod
    def command(cls) -> list[str]:
        """What starts it in a process of its own, with the modules that can be found here."""
        if "<locals>" in cls.__qualname__:
            raise ConfigurationError(
                f"{cls.__qualname__}: a shim has a process of its own, so its class must be at the top of a module"
            )
        where = f"{os.path.abspath(inspect.getfile(cls))}:{cls.__module__}:{cls.__qualname__}"
        return [sys.executable, "-m", "simbroker", "shim", "--path", os.pathsep.join(sys.path), where]


def load(where: str) -> type[Shim]:
    """The class that "module:Class", "file.py:Class" or Shim.command()'s "file:module:Class" names."""
    *places, name = where.split(":")
    if not places:
        raise ConfigurationError(f"{where!r}: expected module:Class or file.py:Class")
    found = vars(_module(places)).get(name)
    if not (isinstance(found, type) and issubclass(found, Shim)):
        raise ConfigurationError(f"{where!r}: {name} is no class derived from simbroker.Shim")
    return found


def _module(places: list[str]) -> Any:
    name = places[-1]
    if not name.endswith(".py") and name != "__main__":
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name != name or len(places) == 1:
                raise ConfigurationError(f"{name}: {missing}") from None
    file = Path(places[0])
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise ConfigurationError(f"{file}: expected a file of Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(shim_class: type[Shim]) -> None:
    """Speaks the contract on stdin and stdout until stdin ends."""
    shim = shim_class()
    _say({"hello": {
        "contract": 1,
        "library": shim.library or shim_class.__name__,
        "version": shim.version or "unknown",
        "language": f"python {platform.python_version()}",
        "operations": sorted(shim.operations()),
    }})  # fmt: skip
    methods = [getattr(shim, name) for name in shim.operations().values()]
    if any(inspect.iscoroutinefunction(method) for method in methods):
        asyncio.run(_Desk(shim).run_in_a_loop())
    else:
        _Desk(shim).run()


_say_lock = threading.Lock()


def _say(message: dict[str, Any]) -> None:
    with _say_lock:
        _contract.say(message)


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a request as Python has them."""
    values = {}
    for name, value in arguments.items():
        if name == "body":
            value = _contract.body_from_json(value)
        elif name in ("arguments", "properties"):
            value = _contract.value_from_json(value)
        values["global_" if name == "global" else name] = value
    return values


def _told(details: Any) -> Any:
    """A result or an event as the contract has it."""
    if not isinstance(details, Mapping):
        return _contract.value_to_json(details)
    return {
        name: _contract.body_to_json(value) if name == "body"
        else _told(value) if name in ("message", "properties")
        else _contract.value_to_json(value)
        for name, value in details.items() if name != "properties" or value is not None
    }  # fmt: skip


class _Desk:
    """Takes requests in and gives answers out. It keeps the library's connection in mind, to close what is open."""

    def __init__(self, shim: Shim) -> None:
        self._shim = shim
        self._methods = {name: getattr(shim, method) for name, method in shim.operations().items()}
        self._connected = False

    # --- blocking libraries -----------------------------------------------------------------------------------

    def run(self) -> None:
        requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=_read, args=(requests.put,), daemon=True).start()
        driven = type(self._shim).serve is not Shim.serve
        while True:
            try:
                request = requests.get(block=not (driven and self._connected))
            except queue.Empty:
                self._shim.serve(_TURN)
                continue
            if request is None:
                break
            if request["op"] == "connect":
                self._close_quietly()
            _say(self._answer(request))
        self._close_quietly()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self._method(request)(**_given(request.get("with") or {}))
            return self._done(request, result)
        except Exception as error:
            return self._failed(request, error)

    def _close_quietly(self) -> None:
        if self._connected and "close" in self._methods:
            try:
                self._methods["close"]()
            except Exception as error:
                self._excuse(error)
        self._connected = False

    # --- asyncio ----------------------------------------------------------------------------------------------

    async def run_in_a_loop(self) -> None:
        loop, requests = asyncio.get_running_loop(), asyncio.Queue[Any]()
        threading.Thread(
            target=_read, args=(lambda request: loop.call_soon_threadsafe(requests.put_nowait, request),), daemon=True
        ).start()
        unfinished: set[asyncio.Task[None]] = set()
        while (request := await requests.get()) is not None:
            task = asyncio.create_task(self._answer_in_a_loop(request))
            unfinished.add(task)
            task.add_done_callback(unfinished.discard)
            task.add_done_callback(_end_with_a_traceback)
        if unfinished:
            await asyncio.wait(unfinished, timeout=_LAST_ANSWERS)
        for task in unfinished:
            task.cancel()
        await self._close_in_a_loop()

    async def _answer_in_a_loop(self, request: dict[str, Any]) -> None:
        if request["op"] == "connect":
            await self._close_in_a_loop()
        try:
            result = self._method(request)(**_given(request.get("with") or {}))
            answer = self._done(request, await result if inspect.isawaitable(result) else result)
        except Exception as error:
            answer = self._failed(request, error)
        _say(answer)

    async def _close_in_a_loop(self) -> None:
        if self._connected and "close" in self._methods:
            try:
                result = self._methods["close"]()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                self._excuse(error)
        self._connected = False

    # --- both -------------------------------------------------------------------------------------------------

    def _method(self, request: dict[str, Any]) -> Any:
        if request["op"] not in self._methods:
            raise Unsupported(f"{self._shim.library} has no operation {request['op']} here")
        return self._methods[request["op"]]

    def _done(self, request: dict[str, Any], result: Any) -> dict[str, Any]:
        if request["op"] in ("connect", "close"):
            self._connected = request["op"] == "connect"
        return {"id": request["id"], "result": _told(result or {})}

    def _failed(self, request: dict[str, Any], error: Exception) -> dict[str, Any]:
        if isinstance(error, (Unsupported, _contract.Unsupported)):
            return {"id": request["id"], "unsupported": str(error)}
        described = self._shim.describe(error)
        if described is None:
            raise error
        return {"id": request["id"], "error": described}

    def _excuse(self, error: Exception) -> None:
        """Closing what the peer has already ended may fail, in documented ways."""
        if self._shim.describe(error) is None:
            raise error


def _read(take: Any) -> None:
    for request in _contract.requests_from_stdin():
        take(request)
    take(None)


def _end_with_a_traceback(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        error = task.exception()
        sys.excepthook(type(error), error, error.__traceback__ if error else None)
        sys.stderr.flush()
        os._exit(1)
