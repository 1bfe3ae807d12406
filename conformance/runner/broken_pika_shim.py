#!/usr/bin/python3
"""The pika shim, broken on purpose in the way the command line names: the tests prove with it that scenarios notice."""
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "shim"))
import pika  # noqa: E402
import pika.frame  # noqa: E402
import contract  # noqa: E402
import pika_shim  # noqa: E402

Shim = pika_shim.Shim
FOREVER = threading.Event()


def hide_event(name):
    real = pika_shim.event
    pika_shim.event = lambda kind, **details: None if kind == name else real(kind, **details)


def change_answers(name, change):
    """After the operation `name` its result goes through `change`."""
    method = "do_" + name.replace(".", "__")
    real = getattr(Shim, method)
    setattr(Shim, method, lambda self, **arguments: change(real(self, **arguments)))


def loses_the_last_octet():
    real = pika_shim.content_to_json
    pika_shim.content_to_json = lambda properties, body: real(properties, body[:-1])


def loses_properties():
    real = pika_shim.content_to_json
    pika_shim.content_to_json = lambda _, body: real(pika.BasicProperties(), body)


def hides_returns():
    hide_event("basic.return")


def hides_cancellations():
    hide_event("basic.cancel")


def hides_blocking():
    hide_event("connection.blocked")


def hides_errors():
    real = Shim.answer_to

    def answer_to(self, request):
        answer = real(self, request)
        return {"result": {}} if "error" in answer else answer

    Shim.answer_to = answer_to


def acknowledges_the_wrong_message():
    Shim.do_basic__ack = lambda self, delivery_tag, channel=1, **_: self.channel(channel).basic_ack(delivery_tag + 1)


def confirms_everything():
    def publish(self, channel=1, exchange="", routing_key="", body="", **_):
        try:
            self.channel(channel).basic_publish(exchange, routing_key, pika_shim.body_from_json(body))
        except pika.exceptions.NackError:
            pass
        return {"confirmed": True}

    Shim.do_basic__publish = publish


def ends_its_frames_wrongly():
    pika.frame.Heartbeat.marshal = lambda self: b"\x08\0\0\0\0\0\0\x00"
    real = pika.frame.Method.marshal
    pika.frame.Method.marshal = lambda self: real(self)[:-1] + b"\x00"


def crashes_at_the_end():
    real = Shim.run

    def run(self, *about):
        real(self, *about)
        raise RuntimeError("a crash on purpose")

    Shim.run = run


def never_ends():
    real = Shim.run

    def run(self, *about):
        real(self, *about)
        FOREVER.wait()

    Shim.run = run


def hangs_when_closing():
    Shim.do_close = lambda self: FOREVER.wait()


def when_its_connection_is_lost(do):
    """Instead of telling."""
    real = Shim.forget_connection

    def forget(self):
        real(self)
        do(self)

    Shim.forget_connection = forget


def hangs_when_cut_off():
    when_its_connection_is_lost(lambda _: FOREVER.wait())


def crashes_when_cut_off():
    when_its_connection_is_lost(lambda _: sys.exit("a crash on purpose"))


def never_notices_that_it_is_cut_off():
    hides_errors()
    hide_event("connection.close")


def stays_lost_when_cut_off():
    def refuse(**_):
        raise pika.exceptions.AMQPConnectionError("on purpose")

    when_its_connection_is_lost(lambda shim: shim.operations.update(connect=refuse))


def babbles():
    real = Shim.do_connect

    def connect(self, **arguments):
        print("connecting ...", flush=True)
        return real(self, **arguments)

    Shim.do_connect = connect


def answers_twice():
    real = pika_shim.BlockingShim.perform

    def perform(self, request):
        contract.say({"id": request["id"], "result": {}})
        return real(self, request)

    pika_shim.BlockingShim.perform = perform


def forgets_an_answer():
    real, answered = Shim.answer_to, []

    def answer_to(self, request):
        answer = real(self, request)
        answered.append(request)
        if len(answered) == 12:
            FOREVER.wait()
        return answer

    Shim.answer_to = answer_to


def answers_another_request():
    real = Shim.answer_to
    Shim.answer_to = lambda self, request: {**real(self, request), "id": request["id"] + 1}


def forgets_a_field():
    change_answers("queue.declare", lambda result: {"queue": result["queue"]})


def promises_too_much():
    def unsupported(self, **_):
        raise contract.Unsupported("never heard of it")

    Shim.do_tx__rollback = unsupported


def promises_the_unheard_of():
    Shim.do_basic__unheard_of = lambda self: {}


def answers_what_it_does_not_know():
    real = pika_shim.BlockingShim.perform
    pika_shim.BlockingShim.perform = lambda self, request: (
        real(self, request) if request["op"] in self.operations else {"result": {}})


def ignores_nonsense():
    real = contract.json.loads

    def loads(line):
        try:
            return real(line)
        except ValueError:
            return {"id": 1, "op": "wait", "with": {"seconds": 0}}

    contract.json.loads = loads


def is_slow():
    real = Shim.do_basic__publish

    def publish(self, **arguments):
        time.sleep(3)
        return real(self, **arguments)

    Shim.do_basic__publish = publish


def does_not_wait():
    Shim.do_wait = lambda self, seconds: None


def tells_another_kind():
    real = pika_shim.described
    pika_shim.described = lambda *given, **more: {**real(*given, **more), "kind": "other"}


def tells_no_code():
    real = pika_shim.described
    pika_shim.described = lambda *given, **more: {"kind": real(*given, **more)["kind"], "text": "an error"}


def reconnects():
    real, used = Shim.do_connect, []

    def connect(self, **arguments):
        used.append(arguments)
        return real(self, **arguments)

    def serve(self, seconds):
        before = self.connection
        real_serve(self, seconds)
        if before is not None and self.connection is None:
            real(self, **used[-1])

    real_serve = Shim.serve
    Shim.do_connect, Shim.serve = connect, serve


def dies_of_unknown_frames():
    real = pika.frame.decode_frame

    def decode(data):
        try:
            return real(data)
        except pika.exceptions.InvalidFrameError:  # pika takes whatever else is raised here for the end of the stream
            print("a crash on purpose", file=sys.stderr, flush=True)
            os._exit(1)

    pika.frame.decode_frame = decode


def says_no_hello():
    Shim.run = lambda *_: print("pika", flush=True)


def is_prepared_first():
    for what in ("pip-pika", "a venv"):
        print(f'{{"preparing": "{what}"}}', flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    pika_shim.main()
