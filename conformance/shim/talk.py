"""A shim as a process, for the programs that talk to shims themselves: shim_check.py and interop.py."""
import difflib
import json
import queue
import re
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
HELLO_SECONDS = 30
PREPARING_SECONDS = 600
ANSWER_SECONDS = 10  # JIT compilers and loaded machines
KINDS = ("channel_closed", "connection_closed", "connection_lost", "connection_refused", "authentication_failed",
         "protocol_error", "returned", "nacked", "cancelled", "timeout", "invalid_argument", "wrong_state", "other")


class Broken(Exception):
    """What of the contract the shim does not keep."""


class Shim:
    """The process, and all that it has said."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = queue.Queue()
        self.answers, self.events = {}, []
        self.errors = b""
        threading.Thread(target=self.read_output, daemon=True).start()
        self.reader_of_errors = threading.Thread(target=self.read_errors, daemon=True)
        self.reader_of_errors.start()
        self.next_id = 1

    def read_output(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def read_errors(self):
        self.errors = self.process.stderr.read()

    def hello(self):
        seconds = HELLO_SECONDS
        while True:
            try:
                line = self.lines.get(timeout=seconds)
            except queue.Empty:
                raise Broken(f"it says nothing within {seconds} s") from None
            if line is None:
                raise Broken(f"it ends with status {self.process.wait()} instead of saying hello: {self.last_error()}")
            said = parsed(line)
            if "preparing" not in said:
                break
            seconds = PREPARING_SECONDS
        hello = said.get("hello")
        if not isinstance(hello, dict):
            raise Broken(f"its first line is no hello: {line!r}")
        return hello

    def last_error(self):
        self.reader_of_errors.join(1)
        return (self.errors.decode(errors="replace").strip().splitlines() or ["nothing on stderr"])[-1]

    def say(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, operation, arguments=None):
        request, self.next_id = self.next_id, self.next_id + 1
        self.say(json.dumps({"id": request, "op": operation, "with": arguments or {}}))
        return request

    def answer(self, request, seconds=ANSWER_SECONDS, about="a request"):
        until = time.monotonic() + seconds
        while request not in self.answers:
            if not self.take_line(until):
                raise Broken(f"{about}: no answer within {seconds} s")
        return self.answers[request]

    def take_line(self, until):
        """One line, looked at; whether there was one before `until`."""
        try:
            line = self.lines.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            return False
        if line is None:
            raise Broken(f"it ended with status {self.process.wait()}: {self.last_error()}")
        message = parsed(line)
        if "event" in message:
            if not isinstance(message.get("with"), dict):
                raise Broken(f"an event without `with`: {line!r}")
            self.events.append(message)
            return True
        self.take_answer(message, line)
        return True

    def take_answer(self, message, line):
        request = message.get("id")
        if not isinstance(request, int) or not 0 < request < self.next_id:
            raise Broken(f"an answer to a request that was not asked: {line!r}")
        if request in self.answers:
            raise Broken(f"request {request} is answered twice: {line!r}")
        if len({"result", "error", "unsupported"} & message.keys()) != 1:
            raise Broken(f"an answer has one of result, error and unsupported: {line!r}")
        error = message.get("error")
        if error is not None and (error.get("kind") not in KINDS or "code" not in error or not error.get("text")):
            raise Broken(f"an error has a kind of the contract, a code or null, and a text: {line!r}")
        self.answers[request] = message

    def rest(self, seconds):
        """All that still comes in that time."""
        until = time.monotonic() + seconds
        while self.take_line(until):
            pass

    def end(self, seconds):
        """Closes its input; its exit status, or None if it does not end in time."""
        self.process.stdin.close()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                file.close()
            except (BrokenPipeError, ValueError):
                pass


def parsed(line):
    try:
        message = json.loads(line)
    except ValueError:
        raise Broken(f"a line that is no JSON: {line!r}") from None
    if not isinstance(message, dict):
        raise Broken(f"a line that is no JSON object: {line!r}")
    return message


def launchers():
    """The programs of this folder that start a shim."""
    return [file for file in sorted(HERE.iterdir()) if file.is_file() and "." not in file.name]


def no_shim(word):
    """What to tell of a name that no launcher has."""
    names = [launcher.name for launcher in launchers()]
    near = difflib.get_close_matches(word.partition("@")[0], names, 1)
    return f"{word!r} is no shim; there are {', '.join(names)}" + (f"; did you mean {near[0]!r}?" if near else "")


def command_of(words):
    """A launcher's name, with a release perhaps, or any command."""
    name, _, release = words[0].partition("@")
    launcher = HERE / name
    if len(words) > 1 or not re.fullmatch(r"[\w-]+", name) or not launcher.is_file():
        return words
    return [str(launcher), *([release] if release else [])]
