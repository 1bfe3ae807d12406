"""Every client that is told the story: where its library comes from, how its program starts, what it says about itself."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.install import HERE, debian_python, newest_python, output_of
from harness.story import WHOLE_STORY

CELERY_STORY = ("20 tasks done", "done after 3 retries", "chord of 90", "recovered", "closed")


@dataclass(frozen=True)
class Client:
    name: str
    release: str  # "debian", or "newest" of the library's registry
    command: Callable  # -> the words of its command line, without the URL and the prefix; may raise Unavailable
    version: Callable  # command -> the version of the library
    story: tuple = WHOLE_STORY
    # What the library logs on RabbitMQ as well, as regular expressions.
    says: tuple = ()

    @property
    def title(self):
        return f"{self.name}@{self.release}"


def _python(name, module, story=WHOLE_STORY, says=()):
    program = HERE / "python" / f"{name.replace('-', '_')}_story.py"

    def version(command):
        return output_of(command[0], "-c", f"from importlib.metadata import version; print(version('{name}'))")

    def client(release, interpreter):
        return Client(name, release, lambda: [*interpreter(), program], version, story, says)

    return [client("debian", lambda: debian_python(module)), client("newest", newest_python)]


CLIENTS = [
    # pika warns of every returned message, whoever returned it.
    *_python("pika", "pika", says=("Published message was returned",)),
    *_python("aio-pika", "aio_pika"),
    *_python("kombu", "kombu"),
    *_python("celery", "celery", story=CELERY_STORY, says=("^worker: Warm shutdown",)),
]
