"""Starts a shim: with Debian's library as it is installed, with the newest of the library's registry, or with any release.

The launchers beside this file (aio-pika, bunny, ...) are what `amqp-conformance client NAME` runs, with the release as
their argument if the name says one: `aio-pika@newest`, `aio-pika@9.4.3`, or `aio-pika@9.4.3,pamqp==3.2.1` where a
library below it matters. What the registries have is kept in ~/.cache/simbroker/clients, each release in a folder of its
own; the newest are those that are pinned here and in clients/. What has to be fetched or built first is said ahead of the
shim's hello. Who cannot start says why on stderr and exits with UNAVAILABLE, which is no failure.
"""
import json
import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
UNAVAILABLE = 3
A_NUMBER = re.compile(r"\d+(\.\w+)*(,[\w.-]+==[\w.]+)*$")

sys.path.insert(0, str(ROOT / "clients"))
from harness import install  # noqa: E402
from harness.install import Unavailable, cache_folder, output_of, prepared, require  # noqa: E402


def start(releases, numbered=None):
    """Becomes the shim. `releases` has a function for each release, the default first: command line and environment.

    `numbered` does the same for any release of the registry. `--list` prints the names, `--install` only installs.
    """
    name = Path(sys.argv[0]).name
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if "--list" in sys.argv:
        print("\n".join(f"{name}@{release}" for release in releases))
        return
    release = words[0] if words else next(iter(releases))
    if release not in releases and not (numbered and A_NUMBER.match(release)):
        more = ", or a version such as 1.2.0" if numbered else ""
        sys.exit(f"{name}: no release {release}, expected one of {', '.join(releases)}{more}")
    if "--install" not in sys.argv:
        install.announce = lambda what: print(json.dumps({"preparing": what}), flush=True)
    try:
        command, *environment = releases[release]() if release in releases else numbered(release)
    except Unavailable as reason:
        print(f"{name}@{release}: {reason}", file=sys.stderr)
        sys.exit(UNAVAILABLE)
    if "--install" in sys.argv:
        return
    sys.stdout.flush()
    words = [str(word) for word in command]
    os.execvpe(words[0], words, {**os.environ, **(environment[0] if environment else {})})


def python(program, module, project):
    """For a shim in Python: its library is imported once to see that it is there."""
    def debian():
        return ([*install.debian_python(module), HERE / program],)

    def newest():
        return ([*install.newest_python(), HERE / program],)

    def numbered(release):
        first, *others = release.split(",")

        def make(folder):
            pip = [*install.newest_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            output_of(*pip, "--target", folder, f"{project}=={first}")
            if others:  # Releases pin what is below them more tightly than they need it.
                output_of(*pip, "--no-deps", "--upgrade", "--target", folder, *others)

        folder = prepared(f"pip-{project}-{release}", [], make)
        return [install.DEBIAN_PYTHON, HERE / program], {"PYTHONPATH": str(folder)}

    return {"debian": debian, "newest": newest}, numbered


def javascript(program, package):
    def command(modules):
        return ["node", HERE / "javascript" / program], {"NODE_PATH": str(modules)}

    def newest():
        require("node")
        return command(install.node_modules())

    def numbered(release):
        require("node", "npm")

        def make(folder):
            (folder / "package.json").write_text(json.dumps({"dependencies": {package: release}}), encoding="utf-8")
            output_of("npm", "install", "--no-audit", "--no-fund", "--loglevel", "error", folder=folder)

        return command(prepared(f"npm-{package.replace('/', '-')}-{release}", [], make) / "node_modules")

    return {"newest": newest}, numbered


def ruby():
    require("ruby")
    output_of("ruby", "-e", 'require "bunny"')
    return (["ruby", HERE / "bunny_shim.rb"],)


def php():
    require("php")
    output_of("php", "-r", 'require_once "PhpAmqpLib/autoload.php";')
    return (["php", HERE / "php_amqplib_shim.php"],)


def go(module, face, newest_release=None):
    """One program for the library and for the one it was forked from: `face` is the file for what only one of them has."""
    def numbered(release):
        require("go")
        names = ("main.go", "operations.go", "session.go", "values.go", "waiting.go", face)
        sources = [HERE / "go" / name for name in names]

        def make(folder):
            for source in sources:
                text = source.read_text(encoding="utf-8").replace("github.com/rabbitmq/amqp091-go", module)
                (folder / source.name).write_text(text, encoding="utf-8")
            quiet = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
            for words in (["mod", "init", "simbroker/shim"], ["get", f"{module}@v{release}"], ["build", "-o", "shim", "."]):
                output_of("go", *words, folder=folder, environment=quiet)

        return ([prepared(f"go-shim-{module.split('/')[-1]}-{release}", sources, make) / "shim"],)

    def newest():
        return numbered(newest_release or pinned_in(install.HERE / "go" / "go.mod", rf"{module} v(\S+)"))

    return {"newest": newest}, numbered


def pinned_in(file, pattern):
    return re.search(pattern, file.read_text(encoding="utf-8"))[1]


def java():
    pins, sources = java_sources("client")

    def program(libraries):
        return java_program("java-shim", sources, libraries)

    def debian():
        client = Path("/usr/share/java/amqp-client.jar")
        if not client.exists():
            raise Unavailable(f"no {client}")
        others = install.maven_libraries("java-shim-libraries", pins)
        return program([client, *(jar for jar in others if not jar.name.startswith("amqp-client"))])

    def numbered(release):
        return program(install.maven_libraries(f"java-shim-libraries-{release}", pins, f"-Dlibrary.version={release}"))

    return {"newest": lambda: program(install.maven_libraries("java-shim-libraries", pins)), "debian": debian}, numbered


def spring():
    pins, sources = java_sources("spring")

    def numbered(release):
        libraries = install.maven_libraries(f"spring-shim-libraries-{release}", pins, f"-Dlibrary.version={release}")
        return java_program("spring-shim", sources, libraries)

    def newest():
        return java_program("spring-shim", sources, install.maven_libraries("spring-shim-libraries", pins))

    return {"newest": newest}, numbered


def java_sources(library):
    """The pins of a library's shim, and its sources with those that all shims in Java share."""
    folder = HERE / "java"
    return folder / library / "pom.xml", sorted([*(folder / "shared").glob("*.java"), *(folder / library).glob("*.java")])


def java_program(name, sources, libraries):
    require("java", "javac")
    path = install.compiled(name, sources, libraries)
    # A short life: the second compiler would cost more than it gives.
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    return (["java", *options, "-cp", path, "Shim"],)


def dotnet():
    sources = [HERE / "csharp" / "Shim.csproj", *sorted((HERE / "csharp").glob("*.cs"))]

    def numbered(release):
        require("dotnet")
        version = [] if release == "newest" else [f"-p:LibraryVersion={release}"]

        def make(folder):
            for source in sources:
                shutil.copy(source, folder)
            output_of("dotnet", "build", "--configuration", "Release", "--output", "program", *version, folder=folder)

        return (["dotnet", prepared(f"dotnet-shim-{release}", sources, make) / "program" / "Shim.dll"],)

    return {"newest": lambda: numbered("newest")}, numbered


def rust():
    sources = [HERE / "rust" / name for name in ("Cargo.toml", "Cargo.lock", "build.rs")]
    sources += sorted((HERE / "rust" / "src").glob("*.rs"))

    def numbered(release):
        require("cargo")

        def make(folder):
            for source in sources:
                place = folder / source.relative_to(HERE / "rust")
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(source.read_bytes())
            if release != "newest":
                pins = (folder / "Cargo.toml").read_text(encoding="utf-8")
                (folder / "Cargo.toml").write_text(re.sub(r'"=[\d.]+"', f'"={release}"', pins), encoding="utf-8")
                (folder / "Cargo.lock").unlink()
            # What is below lapin is built once for all its releases.
            output_of("cargo", "build", folder=folder, environment={"CARGO_TARGET_DIR": str(cache_folder() / "cargo")})
            shutil.copy(cache_folder() / "cargo" / "debug" / "lapin-shim", folder / "shim")

        return ([prepared(f"rust-shim-{release}", sources, make) / "shim"],)

    return {"newest": lambda: numbered("newest")}, numbered


def rabbitmq_c():
    require("g++")
    if not any(Path(place).exists() for place in ("/usr/include/amqp.h", "/usr/include/rabbitmq-c/amqp.h")):
        raise Unavailable("no librabbitmq-dev")
    sources = sorted((HERE / "rabbitmq-c").glob("*.?pp"))
    programs = [source for source in sources if source.suffix == ".cpp"]

    def make(folder):
        output_of("g++", "-std=c++23", "-I", ROOT, "-o", folder / "shim", *programs, "-lrabbitmq")

    return ([prepared("rabbitmq-c-shim", sources, make) / "shim"],)
