"""Every client that tells the story: where its library comes from, how its program starts, what it logs anyway."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness import install
from harness.install import HERE, output_of
from harness.story import WHOLE_STORY

AMQP_TOOLS_STORY = (
    "declared",
    "published 10",
    "consumed 10 in order",
    "got 1, then nothing",
    "recovered",
    "closed",
)
CELERY_STORY = ("20 tasks done", "done after 3 retries", "chord of 90", "recovered", "closed")
# Told by the client alone: it operates the broker over HTTP.
CONTROL_STORY = (
    "expired after 30 minutes",
    "confirmed late by a fault",
    "dropped, and connected again",
    "crashed, and nothing persistent was lost",
    "reset",
)


@dataclass(frozen=True)
class Client:
    name: str
    release: str  # "debian", or "newest" of the library's registry
    command: Callable  # -> the words of its command line, without the URL and the prefix; may raise Unavailable
    version: Callable  # command -> the version of the library
    story: tuple = WHOLE_STORY
    # What the library logs on RabbitMQ as well, as regular expressions.
    says: tuple = ()
    operates: bool = False  # the broker, over HTTP: so it has to be a simbroker

    @property
    def title(self):
        return f"{self.name}@{self.release}"


def _python(name, module, story=WHOLE_STORY, says=()):
    program = HERE / "python" / f"{name.replace('-', '_')}_story.py"

    def version(command):
        return output_of(command[0], "-c", f"from importlib.metadata import version; print(version('{name}'))")

    def client(release, interpreter):
        return Client(name, release, lambda: [*interpreter(), program], version, story, says)

    return [client("debian", lambda: install.debian_python(module)), client("newest", install.newest_python)]


def _go_version(_command):
    return _pinned("go/go.mod", r"amqp091-go v(\S+)")


def _amqplib(program="story.js"):
    return ["env", f"NODE_PATH={install.node_modules()}", "node", HERE / "javascript" / program]


def _amqplib_version(_command):
    return _pinned("javascript/package.json", r'"amqplib": "(\S+)"')


def _pinned(file, pattern):
    return re.search(pattern, (HERE / file).read_text(encoding="utf-8"))[1]


def _debian_version(package):
    return lambda _command: output_of("dpkg-query", "-W", "-f", "${Version}", package)


def _bunny():
    install.require("ruby")
    output_of("ruby", "-e", 'require "bunny"')
    return ["ruby", HERE / "ruby" / "story.rb"]


def _php_amqplib():
    install.require("php")
    output_of("php", "-r", 'require_once "PhpAmqpLib/autoload.php";')
    return ["php", HERE / "php" / "story.php"]


def _amqp_tools():
    install.require("amqp-consume", "amqp-declare-queue", "amqp-delete-queue", "amqp-get", "amqp-publish")
    return [HERE / "amqp_tools" / "story.sh"]


CLIENTS = [
    # pika warns of every returned message, whoever returned it.
    *_python("pika", "pika", says=("Published message was returned",)),
    *_python("aio-pika", "aio_pika"),
    *_python("kombu", "kombu"),
    *_python("celery", "celery", story=CELERY_STORY, says=("^worker: Warm shutdown",)),
    Client("amqp091-go", "newest", install.go_program, _go_version),
    Client(
        "amqp091-go-control",
        "newest",
        lambda: install.go_program("control"),
        _go_version,
        CONTROL_STORY,
        operates=True,
    ),
    Client(
        "java",
        "debian",
        lambda: install.java_program(install.debian_java_libraries()),
        _debian_version("librabbitmq-client-java"),
    ),
    Client(
        "java",
        "newest",
        lambda: install.java_program(install.newest_java_libraries()),
        lambda _: _pinned("java/pom.xml", r"<artifactId>amqp-client</artifactId>\s*<version>([^<]+)"),
    ),
    Client("amqplib", "newest", _amqplib, _amqplib_version),
    Client(
        "amqplib-control", "newest", lambda: _amqplib("control.js"), _amqplib_version, CONTROL_STORY, operates=True
    ),
    Client("bunny", "debian", _bunny, _debian_version("ruby-bunny")),
    Client("php-amqplib", "debian", _php_amqplib, _debian_version("php-amqplib")),
    Client("amqp-tools", "debian", _amqp_tools, _debian_version("amqp-tools"), AMQP_TOOLS_STORY),
]
