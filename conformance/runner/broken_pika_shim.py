#!/usr/bin/python3
"""The pika shim, broken on purpose in the way the command line names: the tests prove with it that scenarios notice."""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "shim"))
import pika  # noqa: E402
import pika.frame  # noqa: E402
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
    real = Shim.work_on

    def work_on(self, request):
        say = pika_shim.say
        pika_shim.say = lambda answer: say({"id": answer["id"], "result": {}} if "error" in answer else answer)
        try:
            real(self, request)
        finally:
            pika_shim.say = say

    Shim.work_on = work_on


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

    def run(self):
        real(self)
        raise RuntimeError("a crash on purpose")

    Shim.run = run


def never_ends():
    real = Shim.run

    def run(self):
        real(self)
        FOREVER.wait()

    Shim.run = run


def hangs_when_closing():
    Shim.do_close = lambda self: FOREVER.wait()


def babbles():
    real = Shim.do_connect

    def connect(self, **arguments):
        print("connecting ...", flush=True)
        return real(self, **arguments)

    Shim.do_connect = connect


def dies_of_unknown_frames():
    real = pika.frame.decode_frame

    def decode(data):
        try:
            return real(data)
        except pika.exceptions.InvalidFrameError as error:
            raise RuntimeError("a crash on purpose") from error

    pika.frame.decode_frame = decode


def says_no_hello():
    Shim.run = lambda self: print("pika", flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    pika_shim.main()
