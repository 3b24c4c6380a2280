"""The table in the README of the benchmarks, made from the results that are kept."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tests.benchmarks.kernel.comparison import COLUMNS, Result, cells

FOLDER: Final = Path(__file__).parents[1]
README: Final = FOLDER / "README.md"
KEPT: Final = FOLDER / "results"
BLOCK: Final = re.compile(
    r"(?<=<!-- table: made by `python3 dev.py bench table` -->\n).*(?=<!-- /table -->)", re.DOTALL
)


def write_table() -> None:
    README.write_text(refreshed(README.read_text()))


def refreshed(readme: str) -> str:
    """The text with the table between its marks made anew."""
    return BLOCK.sub(lambda _: "".join(f"{line}\n" for line in rows()), readme)


def rows() -> Iterator[str]:
    for path in sorted(KEPT.glob("*.json")):
        result = msgspec.json.decode(path.read_bytes(), type=Result)
        form = "short form" if result.is_quick else "full form"
        yield f"\n### {result.name}\n\n{result.question}\n"
        yield (
            f"{result.machine}, Python {result.python}, commit {result.commit}, {result.day}, "
            f"{form}.\n"
        )
        yield row(COLUMNS)
        yield row("---" for _ in COLUMNS)
        for line in result.lines:
            yield row(cells(line))


def row(texts: Iterator[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(texts)} |"


if __name__ == "__main__":
    write_table()
