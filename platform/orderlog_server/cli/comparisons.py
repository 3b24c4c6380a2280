"""How two copies of a read model differ, said to people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from orderlog_server.cli.output import console, print_table

if TYPE_CHECKING:
    from orderlog_projections.comparison import Comparison, Sample, TableComparison

SHOWN_CHARACTERS: Final = 60


def show_comparisons(reports: "Sequence[Comparison]") -> None:
    """A line for each table, then the rows that were picked as examples."""
    tables = [table for report in reports for table in report.tables]
    columns = ["table", "rows ", "rebuilt ", "only before ", "only now ", "different "]
    print_table(columns, [[table.table, *_figures(table)] for table in tables])
    for table in tables:
        for sample in table.sample:
            console().print(f"{table.table} {_said(sample)}", soft_wrap=True)


def _figures(table: "TableComparison") -> list[str]:
    counts = (
        table.serving_rows,
        table.other_rows,
        table.only_serving,
        table.only_other,
        table.different,
    )
    return [f"{count:,}" for count in counts]


def _said(sample: "Sample") -> str:
    """`order_id=7: number '1001' → '1002'`, or that one of them has no such row."""
    key = " ".join(f"{name}={value}" for name, value in sample.key.items())
    if sample.serving is None or sample.other is None:
        return f"{key}: only {'now' if sample.serving is None else 'before'}"
    pairs = zip(sample.serving.items(), sample.other.values(), strict=True)
    return f"{key}: " + ", ".join(f"{name} {_change(a, b)}" for (name, a), b in pairs)


def _change(before: object, now: object) -> str:
    """Of long values, such as documents, where they part."""
    said = repr(before), repr(now)
    pairs = enumerate(zip(*said, strict=False))
    parting = next((index for index, (a, b) in pairs if a != b), 0)
    start = max(0, parting - SHOWN_CHARACTERS // 2)
    return " → ".join(_part(text, start) for text in said)


def _part(text: str, start: int) -> str:
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return f"…{text[start : start + SHOWN_CHARACTERS]}…"
