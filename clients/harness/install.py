"""What a client program runs on: Debian's packages as they are, registries' newest in a cache outside the source tree.

Each function gives the words of a command line, or raises Unavailable with the reason why this machine cannot. What
is installed is pinned by a file beside the program (requirements.txt, package-lock.json, go.sum, pom.xml), and lies in
a folder named after the contents of that file: another pin is another folder.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
DEBIAN_PYTHON = "/usr/bin/python3"
INSTALL_SECONDS = 600


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


def folder_for(name, *pins):
    """The folder for what these files ask for, and whether it is complete: a broken download is begun anew."""
    digest = hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()[:12]
    folder = cache_folder() / f"{name}-{digest}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder, False
    return folder, True


def is_complete(folder):
    (folder / "complete").touch()


def debian_python(*modules):
    output_of(DEBIAN_PYTHON, "-c", "import " + ", ".join(modules))
    return [DEBIAN_PYTHON]


def newest_python():
    pins = HERE / "python" / "requirements.txt"
    folder, complete = folder_for("python", pins)
    python = folder / "venv" / "bin" / "python"
    if not complete:
        output_of(DEBIAN_PYTHON, "-m", "venv", folder / "venv")
        output_of(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", pins)
        is_complete(folder)
    return [python]


def go_program(name="story"):
    require("go")
    source, package = {"story": ("story.go", "."), "control": ("control/main.go", "./control")}[name]
    pins = [HERE / "go" / pin for pin in ("go.mod", "go.sum", source)]
    folder, complete = folder_for("go", *pins)
    if not complete:
        # The toolchain that is there, or none: go must not fetch another one to build this.
        output_of("go", "build", "-o", folder / name, package, folder=HERE / "go", environment={"GOTOOLCHAIN": "local"})
        is_complete(folder)
    return [folder / name]


def node_modules():
    """The folder that NODE_PATH must name."""
    require("node", "npm")
    pins = [HERE / "javascript" / name for name in ("package.json", "package-lock.json")]
    folder, complete = folder_for("javascript", *pins)
    if not complete:
        for pin in pins:
            shutil.copy(pin, folder)
        output_of("npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error", folder=folder)
        is_complete(folder)
    return folder / "node_modules"


def newest_java_libraries():
    require("mvn")
    pins = HERE / "java" / "pom.xml"
    folder, complete = folder_for("java-libraries", pins)
    if not complete:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        output_of("mvn", "--quiet", "--batch-mode", "--file", pins, *goal, folder=folder)
        is_complete(folder)
    return sorted(folder.glob("*.jar"))


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
    folder, complete = folder_for("java", source, *libraries)
    path = ":".join(map(str, [folder, *libraries]))
    if not complete:
        output_of("javac", "-Xlint:all", "-Werror", "-d", folder, "-cp", path, source)
        is_complete(folder)
    return ["java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", path, "Story"]


def test_python():
    pins = [HERE / "suites" / "requirements.txt", HERE / "python" / "requirements.txt"]
    folder, complete = folder_for("suites-python", *pins)
    python = folder / "venv" / "bin" / "python"
    if not complete:
        output_of(DEBIAN_PYTHON, "-m", "venv", folder / "venv")
        output_of(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", pins[0])
        is_complete(folder)
    return [python]


def unpacked_source(project, version):
    """The source distribution of a project on PyPI: wheels carry no tests."""
    folder = cache_folder() / f"source-{project}-{version}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (python,) = test_python()
        download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", project, f"{project}=={version}"]
        output_of(python, *download, folder=folder)
        (archive,) = folder.glob("*.tar.gz")
        shutil.unpack_archive(archive, folder)
        is_complete(folder)
    (unpacked,) = [path for path in folder.iterdir() if path.is_dir()]
    return unpacked
