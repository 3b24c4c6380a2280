"""The page that says who may ask for what, made from the rules of the schema."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from orderlog.domain.envelope import ActorKind
from orderlog_schema.execution.permits import rules_of
from orderlog_schema.principals import Audience, Role, audiences_of
from orderlog_schema.schema import build_schema

INTRODUCTION: Final = """\
# Who may ask for what

All that can be asked, told and watched, and the types that are shown. A field has a row of its own
where it is not for the same audiences as the rest of its type. In `schema.graphql` these rules are
`@allowed` directives. What somebody may not ask for refuses the whole request before anything runs:
`FORBIDDEN`, with the field in `extensions.field` and the audiences in `extensions.requires`.

* *own*: customers see and touch what is theirs, and of notes those that were written for them.
* Staff and applications see the channels that they were given, and write to one of them.
* What is not theirs looks as if it did not exist. Stock and warehouses are shared by all channels.

Values such as `Money`, `PageInfo` and errors are for everybody; a payload is for whom its mutation
is.

Made by `python3 dev.py docs`; a test compares it with the code.
"""
ROOTS: Final = {"Query": "Asked", "Mutation": "Told", "Subscription": "Watched"}
WHO: Final = ("customer", *(role.value for role in Role))

Rule = frozenset[Audience]


def permissions_page() -> str:
    """`schema/PERMISSIONS.md`."""
    rules = rules_of(build_schema().graphql)
    sections = {said: _rows(f"{root}.", rules[root]) for root, said in ROOTS.items()}
    sections["Shown"] = (
        row
        for name, fields in sorted(rules.items())
        if name not in ROOTS and not name.endswith("Payload")
        for row in _rows_of_type(name, fields)
    )
    tables = (f"## {title}\n\n{_table(rows)}" for title, rows in sections.items())
    return "\n".join([INTRODUCTION, *tables])


def _rows_of_type(name: str, fields: Mapping[str, Rule]) -> Iterator[tuple[str, Rule]]:
    """One for the rule that most of its fields have, and one for each of the others."""
    ((usual, _),) = Counter(fields.values()).most_common(1)
    if Audience.EVERYBODY not in usual:
        yield name, usual
    yield from _rows(f"{name}.", {field: rule for field, rule in fields.items() if rule != usual})


def _rows(prefix: str, fields: Mapping[str, Rule]) -> Iterator[tuple[str, Rule]]:
    return ((f"{prefix}{field}", rule) for field, rule in fields.items())


def _table(rows: Iterable[tuple[str, Rule]]) -> str:
    head = f"| | {' | '.join(WHO)} |\n|{' --- |' * (len(WHO) + 1)}"
    lines = (f"| `{name}` | {' | '.join(_marks(rule))} |" for name, rule in rows)
    return "\n".join([head, *lines, ""])


def _marks(rule: Rule) -> Iterator[str]:
    yield "✓" if Audience.EVERYBODY in rule else "own" if Audience.CUSTOMER in rule else ""
    for role in Role:
        yield "" if rule.isdisjoint(audiences_of(ActorKind.STAFF, frozenset({role}))) else "✓"
