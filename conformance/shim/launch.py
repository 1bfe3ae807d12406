"""Starts a shim: with Debian's library as it is installed, or with the newest of the library's registry.

The launchers beside this file (aio-pika, bunny, ...) are what `amqp-conformance client NAME` runs, with the release as
their argument if the name says one (`aio-pika@newest`). The registries' libraries are those that clients/ pins and keeps
in ~/.cache/simbroker/clients. Who cannot start says why on stderr and exits with UNAVAILABLE, which is no failure.
"""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
UNAVAILABLE = 3

sys.path.insert(0, str(ROOT / "clients"))
from harness import install  # noqa: E402
from harness.install import Unavailable, folder_for, is_complete, output_of, require  # noqa: E402


def start(releases):
    """Becomes the shim. `releases` has a function for each release, the default first: command line and environment."""
    name = Path(sys.argv[0]).name
    release = sys.argv[1] if len(sys.argv) > 1 else next(iter(releases))
    if release not in releases:
        sys.exit(f"{name}: no release {release}, expected one of {', '.join(releases)}")
    try:
        command, *environment = releases[release]()
    except Unavailable as reason:
        print(f"{name}@{release}: {reason}", file=sys.stderr)
        sys.exit(UNAVAILABLE)
    sys.stdout.flush()
    words = [str(word) for word in command]
    os.execvpe(words[0], words, {**os.environ, **(environment[0] if environment else {})})


def python(program, module):
    """For a shim in Python: its library is imported once to see that it is there."""
    def debian():
        return ([*install.debian_python(module), HERE / program],)

    def newest():
        return ([*install.newest_python(), HERE / program],)

    return {"debian": debian, "newest": newest}


def javascript():
    require("node")
    return ["node", HERE / "amqplib_shim.js"], {"NODE_PATH": str(install.node_modules())}


def ruby():
    require("ruby")
    output_of("ruby", "-e", 'require "bunny"')
    return (["ruby", HERE / "bunny_shim.rb"],)


def php():
    require("php")
    output_of("php", "-r", 'require_once "PhpAmqpLib/autoload.php";')
    return (["php", HERE / "php_amqplib_shim.php"],)


def go():
    """Built beside the pins of clients/go, so that both programs use one release of the library."""
    require("go")
    sources = [*sorted((HERE / "go").glob("*.go")), *(install.HERE / "go" / name for name in ("go.mod", "go.sum"))]
    folder, complete = folder_for("go-shim", *sources)
    if not complete:
        for source in sources:
            (folder / source.name).write_bytes(source.read_bytes())
        output_of("go", "build", "-o", folder / "shim", ".", folder=folder, environment={"GOTOOLCHAIN": "local"})
        is_complete(folder)
    return ([folder / "shim"],)


def java_libraries():
    require("mvn")
    pins = HERE / "java" / "pom.xml"
    folder, complete = folder_for("java-shim-libraries", pins)
    if not complete:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        output_of("mvn", "--quiet", "--batch-mode", "--file", pins, *goal, folder=folder)
        is_complete(folder)
    return sorted(folder.glob("*.jar"))


def java(debian=None):
    """Compiled against the library it runs with. `debian` takes the place of the client that Maven Central had."""
    def command():
        require("java", "javac")
        libraries = java_libraries()
        if debian:
            if not Path(debian).exists():
                raise Unavailable(f"no {debian}")
            libraries = [Path(debian), *(jar for jar in libraries if not jar.name.startswith("amqp-client"))]
        sources = sorted((HERE / "java").glob("*.java"))
        folder, complete = folder_for("java-shim", *sources, *libraries)
        path = ":".join(map(str, [folder, *libraries]))
        if not complete:
            output_of("javac", "-d", folder, "-cp", path, *sources)
            is_complete(folder)
        # A short life: the second compiler would cost more than it gives.
        options = ["-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        return (["java", *options, "-cp", path, "Shim"],)

    return command
