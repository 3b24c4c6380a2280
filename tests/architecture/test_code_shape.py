"""The code keeps its shape: small functions, names that say something, a domain of its own."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / "platform/orderlog",
    ROOT / "platform/orderlog_server",
    ROOT / "schema/orderlog_schema",
    ROOT / "projections/orderlog_projections",
]
FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN = 8
BANNED_WORDS = {"service", "services", "util", "utils", "helper", "helpers"}
BANNED_NAMES = {"manager", "data", "info", "base"}
DOMAIN_MAY_IMPORT = {*sys.stdlib_module_names, "eventsourcing", "msgspec"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text())


def function_lengths() -> dict[str, int]:
    """The lines of each function, signature included, by place."""
    return {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def names() -> Iterator[tuple[str, str]]:
    """The names of modules, packages and classes, by place."""
    for path, tree in modules():
        yield str(path), path.parent.name if path.stem == "__init__" else path.stem
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield f"{path}:{node.lineno}", node.name


def is_banned(name: str) -> bool:
    words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
    return name.lower() in BANNED_NAMES or bool(words & BANNED_WORDS)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def is_plain(module: str) -> bool:
    return module.partition(".")[0] in DOMAIN_MAY_IMPORT or module.startswith("orderlog.domain")


def test_no_function_is_long() -> None:
    long = {place: n for place, n in function_lengths().items() if n > FUNCTION_LINES_MAX}
    assert long == {}


def test_most_functions_are_a_few_lines() -> None:
    assert median(function_lengths().values()) < FUNCTION_LINES_MEDIAN


def test_names_say_something() -> None:
    assert [(place, name) for place, name in names() if is_banned(name)] == []


def test_the_banned_names_are_recognised() -> None:
    banned = ["OrderService", "base", "sql_utils", "Manager", "HTTPHelper"]
    assert [
        name for name in [*banned, "ProcessManager", "Database", "PageInfo"] if is_banned(name)
    ] == banned


def test_the_domain_is_plain_python() -> None:
    foreign = [
        f"{path}:{line} imports {module}"
        for path, tree in modules()
        if path.is_relative_to("platform/orderlog/domain")
        for line, module in imports(tree)
        if not is_plain(module)
    ]
    assert foreign == []
