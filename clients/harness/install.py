"""What a client program runs on: Debian's packages as they are, registries' newest in a cache outside the source tree.

Each function gives the words of a command line, or raises Unavailable with the reason why this machine cannot. What
is installed is pinned by a file beside the program (requirements.txt, package-lock.json, go.sum, pom.xml), and lies in
a folder named after the contents of that file: another pin is another folder.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
DEBIAN_PYTHON = "/usr/bin/python3"
INSTALL_SECONDS = 600


def announce(what):
    """Called before anything is fetched or built; who starts programs with this module may put another in its place."""


class Unavailable(Exception):
    """Why a client cannot run here; shown behind SKIP."""


def cache_folder():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "simbroker" / "clients"


def output_of(*command, folder=None, environment=None):
    """The output of a command that must succeed. What it said when it did not is the reason to skip."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
        raise Unavailable(f"{Path(command[0]).name} failed: {said[-1]}")
    return done.stdout.strip()


def require(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Unavailable(f"no {program} on PATH")


def prepared(name, pins, make):
    """The folder for what these files ask for, filled by `make(folder)` once. A broken download is begun anew."""
    digest = hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()[:12] if pins else ""
    folder = cache_folder() / (f"{name}-{digest}" if digest else name)
    complete = folder / "complete"
    if complete.exists():
        return folder
    announce(name)
    cache_folder().mkdir(parents=True, exist_ok=True)
    # Shims start in parallel, and several may want the same: who comes later waits.
    with (cache_folder() / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            complete.touch()
    return folder


def debian_python(*modules):
    output_of(DEBIAN_PYTHON, "-c", "import " + ", ".join(modules))
    return [DEBIAN_PYTHON]


def newest_python():
    pins = HERE / "python" / "requirements.txt"
    return [prepared("python", [pins], lambda folder: make_venv(folder, pins)) / "venv" / "bin" / "python"]


def make_venv(folder, requirements):
    output_of(DEBIAN_PYTHON, "-m", "venv", folder / "venv")
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    output_of(*pip, "--requirement", requirements)


def go_program(name="story"):
    require("go")
    source, package = {"story": ("story.go", "."), "control": ("control/main.go", "./control")}[name]
    pins = [HERE / "go" / pin for pin in ("go.mod", "go.sum", source)]

    def make(folder):
        # The toolchain that is there, or none: go must not fetch another one to build this.
        output_of("go", "build", "-o", folder / name, package, folder=HERE / "go", environment={"GOTOOLCHAIN": "local"})

    return [prepared("go", pins, make) / name]


def node_modules():
    """The folder that NODE_PATH must name."""
    require("node", "npm")
    pins = [HERE / "javascript" / name for name in ("package.json", "package-lock.json")]

    def make(folder):
        for pin in pins:
            shutil.copy(pin, folder)
        output_of("npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error", folder=folder)

    return prepared("javascript", pins, make) / "node_modules"


def newest_java_libraries():
    require("mvn")
    return maven_libraries("java-libraries", HERE / "java" / "pom.xml")


def maven_libraries(name, pins, *properties):
    """The jars of a pom, with properties of it set."""

    def make(folder):
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        output_of("mvn", "--quiet", "--batch-mode", "--file", pins, *properties, *goal, folder=folder)

    return sorted(prepared(name, [pins], make).glob("*.jar"))


def debian_java_libraries():
    found = [Path("/usr/share/java") / name for name in ("amqp-client.jar", "slf4j-api.jar", "slf4j-simple.jar")]
    for jar in found:
        if not jar.exists():
            raise Unavailable(f"no {jar}")
    return found


def java_program(libraries):
    """Compiled against these libraries: the client's major versions are not binary compatible."""
    require("java", "javac")
    source = HERE / "java" / "Story.java"
    path = compiled("java", [source], libraries, "-Xlint:all", "-Werror")
    return ["java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", path, "Story"]


def compiled(name, sources, libraries, *options):
    """The class path of these sources, compiled."""
    jars = ":".join(map(str, libraries))

    def make(folder):
        output_of("javac", *options, "-d", folder, "-cp", jars, *sources)

    return f"{prepared(name, [*sources, *libraries], make)}:{jars}"


def test_python():
    pins = [HERE / "suites" / "requirements.txt", HERE / "python" / "requirements.txt"]
    return [prepared("suites-python", pins, lambda folder: make_venv(folder, pins[0])) / "venv" / "bin" / "python"]


def unpacked_source(project, version):
    """The source distribution of a project on PyPI: wheels carry no tests."""

    def make(folder):
        (python,) = test_python()
        download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", project, f"{project}=={version}"]
        output_of(python, *download, folder=folder)
        (archive,) = folder.glob("*.tar.gz")
        shutil.unpack_archive(archive, folder)

    folder = prepared(f"source-{project}-{version}", [], make)
    (unpacked,) = [path for path in folder.iterdir() if path.is_dir()]
    return unpacked
