"""pip install . from a clean copy, as somebody without the build tree would do it."""

import os
import shutil
import subprocess
import sys

import pytest
from codebase import ROOT


def run(*command, cwd=None):
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, capture_output=True, text=True, timeout=1800, cwd=cwd, env=surroundings)


@pytest.fixture
def pip(tmp_path):
    made = run(sys.executable, "-m", "venv", tmp_path / "venv")
    assert made.returncode == 0, made.stderr
    return tmp_path / "venv/bin/pip"


@pytest.mark.longest(1800)
def test_pip_installs_the_package_and_its_plugin(pip, tmp_path):
    reached = run(
        pip,
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        tmp_path,
        "scikit-build-core",
        "--timeout",
        "10",
        "--retries",
        "0",
    )
    if reached.returncode:
        pytest.skip("PyPI cannot be reached, and pip needs scikit-build-core from there")

    # Where the folders lie and what the compiler is called as in script/build: the objects may come from ccache.
    copy = tmp_path / "simbroker"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".pytest_cache"))
    installed = run(
        pip,
        "install",
        "--quiet",
        f"--config-settings=build-dir={copy / 'build'}",
        f"--config-settings=cmake.define.CMAKE_CXX_COMPILER={shutil.which('g++') or 'c++'}",
        str(copy),
        "pytest",
        cwd=tmp_path,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr

    (tmp_path / "test_it.py").write_text(
        "import simbroker as package\n\n"
        "def test_it(simbroker):\n"
        "    simbroker.advance(minutes=30)\n"
        "    assert package.__file__.endswith('site-packages/simbroker/__init__.py')\n"
    )
    tested = run(tmp_path / "venv/bin/python", "-m", "pytest", "-q", tmp_path / "test_it.py", cwd=tmp_path)
    assert "1 passed" in tested.stdout, tested.stdout + tested.stderr
    shipped = {path.name for path in (tmp_path / "venv").glob("lib/python3*/site-packages/simbroker/*")}
    assert {"py.typed", "_core.pyi", "pytest_plugin.py", "_contract.py", "data"} <= shipped
