"""The repository as data for test_codebase.py: its files, C++ without comments and literals, the functions in it."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CPP_FOLDERS = ("codec", "simbroker", "conformance", "fuzz", "bench", "python")


def files(*patterns, folders=(".",)):
    """Files of the repository by glob, as paths relative to it. What was built is left out."""
    found = {path for folder in folders for pattern in patterns for path in (ROOT / folder).glob(f"**/{pattern}")}
    relative = (path.relative_to(ROOT) for path in found if path.is_file())
    return sorted(path for path in relative if not _is_built(path))


def _is_built(path):
    return path.parts[0].startswith(("build", ".git", "dist")) or "__pycache__" in path.parts or path.parts[0] == ".git"


def cpp_files():
    return files("*.cpp", "*.hpp", folders=CPP_FOLDERS)


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


_COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL,
)


def code_only(source):
    """C++ with comments and literals blanked, each line where it was."""

    def blank(match):
        kept = "\n" * match.group().count("\n")
        return kept if match.group().startswith("/") else '""' + kept

    return _COMMENT_OR_LITERAL.sub(blank, source)


@dataclass(frozen=True)
class Function:
    name: str
    first_line: int
    lines: int


_TEMPLATE = re.compile(r"^\s*template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>\s*(?:requires[^{]*?\)\s*)?")
_CONTAINER = re.compile(
    r"^(?:inline\s+|static\s+|const\s+|typedef\s+)*(?:namespace|class|struct|union|enum)\b|^extern\s*\"\"$"
)
_MEMBER_INITIALISERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")
_NO_HEADER = {"", "public:", "protected:", "private:"}
_FUNCTION_NAME = re.compile(r"(operator\s*[^\s\w]+|[~\w]+)\s*\(")


def _opens(header):
    """What a brace after this text opens: a "container" of functions, a "function", or a "value"."""
    header = _TEMPLATE.sub("", header).strip()
    if _CONTAINER.search(header):
        return "container"
    if _MEMBER_INITIALISERS.search(header):
        return "function" if header.endswith((")", "}")) else "value"
    if "(" not in header or header.endswith("=") or re.search(r"[^=!<>]=\s*[\w:<>, ]+$", header):
        return "value"
    return "function"


def cpp_functions(source):
    """The functions of a C++ file with their lengths, by its braces. A lambda counts as part of what it stands in."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", code_only(source), flags=re.MULTILINE)
    found, header, line, header_line = [], "", 1, 1
    opened = []  # what each open brace opened
    for character in code:
        line += character == "\n"
        outside = all(kind == "container" for kind in opened)
        if character == "{":
            opened.append(_opens(header) if outside else "block")
            if opened[-1] == "container":
                header = ""
        elif character == "}":
            if not opened:
                raise ValueError(f"line {line}: a closing brace without an opening one")
            kind = opened.pop()
            if kind == "function":
                name = _FUNCTION_NAME.search(_TEMPLATE.sub("", header))
                found.append(Function(name.group(1) if name else header.strip(), header_line, line - header_line + 1))
            if kind == "value":
                header += "{}"
            elif kind != "block":
                header = ""
        elif outside:
            header += character
            if character == ";" or header.strip() in _NO_HEADER:
                header, header_line = "", line
    if opened:
        raise ValueError(f"{len(opened)} braces are never closed")
    return found


def python_functions(source):
    return [
        Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
