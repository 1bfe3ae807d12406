"""The shape of the code base, held by a test: who includes whom, what may not be called, how long things get."""

import os
import re
from pathlib import Path

import pytest
import yaml
from codebase import ROOT, code_only, cpp_files, cpp_functions, files, python_functions, text

LONGEST_FILE = 500
LONGEST_FUNCTION = 70
# Files that are one table may be as long as the table is.
TABLES = {Path("codec/amqp091/methods.hpp")}
TABLES |= {Path(f"conformance/catalogue/{name}.yaml") for name in ("requirements", "defects")}
# A profile is one table, and one function only because statics are made there in time.
TABLES |= {Path(f"simbroker/profile/{name}.cpp") for name in ("rabbitmq_3_10", "rabbitmq_4_0", "rabbitmq_4_3", "strict")}

# What each folder may include, beside itself.
MAY_INCLUDE = {
    "codec": set(),
    "simbroker": {"codec"},
    "conformance": {"codec", "simbroker"},
    "fuzz": {"codec", "simbroker", "conformance"},
    "bench": {"codec", "simbroker"},
    "python": {"codec", "simbroker", "conformance"},
}
# The core does not know what drives it. (Its tests may use a driver.)
CORE = ("core", "model", "server091", "extension", "profile", "fault")

BANNED = {
    "the wall clock": r"\b(system|steady|high_resolution|file)_clock\b"
    r"|\b(gettimeofday|clock_gettime|timespec_get|std::time)\b",
    "sleeping": r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<!\w)sleep\s*\(",
    "chance without a seed": r"\brandom_device\b|\bs?rand\s*\(|\barc4random\w*|\bgetrandom\b",
    "a distribution that differs between libraries": r"\b\w+_distribution\b|\bmt19937\w*|\bdefault_random_engine\b",
    "the environment": r"\b(secure_)?getenv\b|\benviron\b",
}
# The edges of the programs: the socket driver, the command lines, what measures.
EDGES = ("simbroker/drive/asio_server", "simbroker/app/", "conformance/app/", "bench/")
# A runner that waits for peers it does not simulate needs the wall clock; a shim it starts inherits the environment.
SMALL_EDGES = {
    "conformance/runner/real_clock": {"the wall clock"},
    "conformance/runner/shim_process": {"the environment"},
    "conformance/shim/rabbitmq-c/session": {"the wall clock"},
}

LEFT_TO_DO = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")


def is_test(path):
    return path.stem.endswith("_test") or path.stem.startswith("test_") or "tests" in path.parts


def report(problems):
    assert not problems, "\n" + "\n".join(problems)


def includes(path):
    for number, line in enumerate(text(path).splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*"([^"]+)"', line):
            yield number, match.group(1)


def test_there_is_something_to_check():
    assert len(cpp_files()) > 50
    assert sum(len(cpp_functions(text(path))) for path in cpp_files()) > 300


def test_includes_go_one_way():
    problems = []
    for path in cpp_files():
        for number, included in includes(path):
            folder = included.split("/")[0]
            if folder not in MAY_INCLUDE[path.parts[0]] | {path.parts[0]}:
                problems.append(f"{path}:{number}: {path.parts[0]} must not include {included}")
            elif not (ROOT / included).is_file():
                problems.append(f"{path}:{number}: {included} is not a path from the root of the repository")
    report(problems)


def test_the_core_does_not_know_its_drivers():
    problems = []
    for path in cpp_files():
        if path.parts[0] != "simbroker" or path.parts[1] not in CORE or is_test(path):
            continue
        for number, included in includes(path):
            if included.startswith(("simbroker/drive/", "simbroker/app/")):
                problems.append(f"{path}:{number}: the core must not include {included}")
        # Of Boost the core takes Perl's regular expressions alone, which permissions and policies are written in.
        for match in re.finditer(
            r"#\s*include\s*<(thread|mutex|random|boost/(?!regex\.hpp)[^>]*|sys/[^>]*|condition_variable)>", text(path)
        ):
            problems.append(f"{path}: the core must not include <{match.group(1)}>")
    report(problems)


def banned_calls(path, source):
    if str(path).startswith(EDGES):
        return []
    allowed = {"the wall clock"} if is_test(path) else set()
    for edge, what in SMALL_EDGES.items():
        if str(path).startswith(edge):
            allowed |= what
    return [
        f"{path}:{number}: {match.group()} is {what}"
        for what, pattern in BANNED.items()
        if what not in allowed
        for number, line in enumerate(code_only(source).splitlines(), 1)
        for match in re.finditer(pattern, line)
    ]


def test_time_chance_and_environment_come_from_outside():
    report([problem for path in cpp_files() for problem in banned_calls(path, text(path))])


@pytest.mark.parametrize(
    "line",
    ["auto t = std::chrono::steady_clock::now();", "std::random_device d;", "sleep(1);", 'auto h = getenv("HOME");'],
)
def test_a_banned_call_is_found(line):
    source = f"// sleep(1) in a comment\nvoid f() {{ {line} }}\n"
    assert banned_calls(Path("simbroker/core/broker.cpp"), source)[0].startswith("simbroker/core/broker.cpp:2: ")
    assert not banned_calls(Path("simbroker/drive/asio_server_clock.cpp"), source)


def test_tests_do_not_sleep():
    problems = []
    for path in files("*.py", folders=["python", "conformance"]):
        for number, line in enumerate(text(path).splitlines(), 1):
            if (
                is_test(path)
                and re.search(r"\btime\.sleep\(|\bimport sleep\b", line.split("#")[0])
                and "re.search" not in line
            ):
                problems.append(f"{path}:{number}: a test sleeps")
    report(problems)


def test_files_are_short():
    report(
        [
            f"{path}: {lines} lines; at most {LONGEST_FILE}, better under 300"
            for path in cpp_files() + files("*.py", "*.pyi", folders=["python", "script", "conformance"])
            if path not in TABLES and (lines := text(path).count("\n")) > LONGEST_FILE
        ]
    )


def test_functions_are_short():
    problems = []
    measured = [(path, cpp_functions(text(path))) for path in cpp_files()]
    measured += [
        (path, python_functions(text(path))) for path in files("*.py", folders=["python", "script", "conformance"])
    ]
    for path, functions in measured:
        for function in functions:
            if path not in TABLES and function.lines > LONGEST_FUNCTION:
                where = f"{path}:{function.first_line}: {function.name}"
                problems.append(f"{where} has {function.lines} lines; at most {LONGEST_FUNCTION}")
    report(problems)


def test_the_length_of_a_function_is_measured_right():
    source = """
namespace a::b {
struct Point { int x = 3; std::vector<int> v{1, 2}; bool operator==(const Point&) const = default; };  // {
class C : public D {
public:
    C(int x, int y) : x_{x}, y_(y) {
        call([&] { return "}"; });
    }
    int one() const { return 1; }
private:
    int x_{};
};
constexpr std::array<int, 3> table = {{1, 2, 3}};
template <class T>
std::expected<T, std::string> long_one(
    T value, const char* text
) {
    if (value) { return {}; }
    for (char c : {'{', 'a'}) use(c);
    return R"(})";
}
TEST(Broker, tells) {
    EXPECT_EQ(1, 1);
}
}  // namespace a::b
"""
    lengths = {function.name: function.lines for function in cpp_functions(source)}
    assert lengths == {"C": 3, "one": 1, "long_one": 8, "TEST": 3}


def test_nothing_is_left_to_do():
    report(
        [
            f"{path}:{number}: {line.strip()}"
            for path in cpp_files()
            + files("*.py", "*.pyi", "*.md", "*.yaml", "*.txt", "*.toml")
            + files("*", folders=["script"])
            for number, line in enumerate(text(path).splitlines(), 1)
            if LEFT_TO_DO.search(line)
        ]
    )


def test_every_scenario_has_a_clause_or_says_why_not():
    problems, scenarios = [], 0
    for path in files("*.yaml", folders=["scenarios"]):
        if path.parts[1] == "deviation":
            continue
        for scenario in yaml.safe_load_all(text(path)):
            scenarios += 1
            excused = scenario.get("level") == "ROBUST" and scenario.get("notes")
            if not scenario.get("clauses") and not excused:
                problems.append(f"{path}: {scenario.get('id')} has neither clauses nor level ROBUST with notes")
    report(problems)
    assert scenarios >= 40


def test_every_verb_in_script_can_be_run():
    problems = []
    for path in files("*", folders=["script"]):
        if path.suffix:
            continue
        lines = text(path).splitlines()
        if not os.access(ROOT / path, os.X_OK):
            problems.append(f"{path} is not executable")
        if lines[0] != "#!/usr/bin/env bash" or not lines[1].startswith("# "):
            problems.append(f"{path} does not begin with `#!/usr/bin/env bash` and a line that says what it does")
        if "set -euo pipefail" not in lines:
            problems.append(f"{path} goes on after an error: no `set -euo pipefail`")
    report(problems)
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_the_commands_of_the_readmes_exist():
    built = {"build/bin/simbroker", "build/bin/amqp-conformance", "build/venv/bin/python"}
    problems, commands = [], 0
    for path in files("README.md"):
        for command in re.findall(r"(?<![\w/.])(?:\./)?((?:script|build/bin|build/venv/bin)/[\w.-]*\w)", text(path)):
            commands += 1
            if command not in built and not (ROOT / command).is_file():
                problems.append(f"{path}: {command} does not exist")
    report(problems)
    assert commands >= 2


def test_the_readmes_link_to_what_exists():
    problems = []
    for path in files("*.md"):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text(path)):
            if not (ROOT / path.parent / target).exists():
                problems.append(f"{path}: {target} does not exist")
    report(problems)


@pytest.mark.parametrize("module", ["codec", "simbroker/drive", "conformance", "fuzz", "python", "scenarios"])
def test_a_module_states_its_contract(module):
    assert text(f"{module}/README.md").startswith("# ")


def test_both_ways_to_install_say_the_same_of_pytest():
    """pip install takes pyproject.toml, script/build takes entry_points.txt."""
    section = text("pyproject.toml").split("[project.entry-points.pytest11]")[1].split("[")[0]
    in_pyproject = dict(re.findall(r'(\w+) = "([\w.]+)"', section))
    assert in_pyproject == dict(re.findall(r"(\w+) = ([\w.]+)", text("python/entry_points.txt"))) != {}


def test_there_is_one_version():
    in_cmake = re.search(r"project\(simbroker VERSION ([0-9.]+)", text("CMakeLists.txt")).group(1)
    in_cpp = re.search(r'version = "([0-9.]+)"', text("simbroker/core/version.hpp")).group(1)
    assert in_cmake == in_cpp
