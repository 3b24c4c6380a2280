"""The help of every command, as the README shows it."""

import re
from collections.abc import Iterator
from typing import Any, Final

from orderlog_server.cli.exits import EXIT_CODES

COLUMNS: Final = 100
BLOCK: Final = re.compile(
    r"(?<=<!-- cli: made by `python3 dev.py docs` -->\n).*?(?=<!-- /cli -->)", re.DOTALL
)


def refreshed(readme: str, root: object) -> str:
    """The text with the block between its `cli` marks made anew; `root` is the whole program."""
    return BLOCK.sub(lambda _: manual(root), readme)


def manual(root: object) -> str:
    """The commands in one list, each with what it does, then what the program says of itself."""
    lines = list(_commands(root, "orderlog"))
    width = max(len(usage) for usage, _ in lines) + 2
    listed = "\n".join(f"{usage:{width}}{said}" for usage, said in lines)
    said = "Every command has `--help`, and `--json` for programs to read."
    return f"```\n{listed}\n```\n\n{said} {EXIT_CODES}\n\n"


def _commands(command: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - the library's own
    """`(usage, first sentence)` of every command beneath this one."""
    children = getattr(command, "commands", None)
    if children is None:
        arguments = [
            one.metavar if one.required else f"[{one.metavar}]"
            for one in command.params
            if one.param_type_name == "argument"
        ]
        yield " ".join([path, *arguments]), command.get_short_help_str(COLUMNS)
        return
    for name, child in children.items():
        yield from _commands(child, f"{path} {name}")
