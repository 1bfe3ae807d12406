"""What a client program runs on: Debian's packages as they are, registries' newest in a cache outside the source tree.

Each function gives the beginning of a command line, or raises Unavailable with the reason why this machine cannot. What
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
