"""Requests that are made to keep a server busy, each another one every time it is made."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final, NamedTuple

PARSE, VALIDATION, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
TOO_COMPLEX, TOO_DEEP, TOO_LARGE = "QUERY_TOO_COMPLEX", "QUERY_TOO_DEEP", "REQUEST_TOO_LARGE"

DRAFT: Final = (
    "mutation ($input: CreateDraftOrderInput!) { createDraftOrder(input: $input) { position } }"
)

_numbers: Final = count(1)


class Attack(NamedTuple):
    """How its body is made, and the code that it is refused with."""

    body: Callable[[], bytes]
    code: str


def document(make: Callable[[], str], code: str) -> Attack:
    """A document is never the one before it: nothing is remembered of it."""
    return Attack(lambda: asked(f"{make()} #{next(_numbers)}"), code)


def asked(query: str, variables: Mapping[str, Any] | None = None) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


def numbered(form: str, times: int) -> str:
    return " ".join(form.format(n=n, next=n + 1) for n in range(times))


def doubling(levels: int) -> str:
    chain = numbered("fragment F{n} on Query {{ ...F{next} ...F{next} }}", levels)
    return f"{{ ...F0 }} {chain} fragment F{levels} on Query {{ version }}"


def circle(length: int) -> str:
    chain = numbered("fragment F{n} on Query {{ ...F{next} }}", length)
    return f"{{ ...F0 }} {chain} fragment F{length} on Query {{ ...F0 }}"


def everything_in_everything(count: int) -> str:
    spreads = numbered("...F{n}", count)
    return f"{{ ...F0 }} {numbered(f'fragment F{{n}} on Query {{{{ {spreads} }}}}', count)}"


def same_fragments(count: int) -> str:
    fragments = numbered("fragment F{n} on Query {{ orders {{ nodes {{ id }} }} }}", count)
    return f"{{ {numbered('...F{n}', count)} }} {fragments}"


def wrong_input(count: int) -> str:
    return f"{{ orders(filter: {{ {numbered('a{n}: 1', count)} }}) {{ totalCount }} }}"


def pages_in_pages() -> str:
    inner = "history(first: 100) { nodes { actor { id } } }"
    return f"{{ orders(first: 100) {{ nodes {{ {inner} process {{ history {{ type }} }} }} }} }}"


ATTACKS: Final[Mapping[str, Attack]] = {
    "field x 10,000": document(lambda: "{" + " version" * 10_000 + "}", PARSE),
    "field x 1,900": document(lambda: "{" + " version" * 1_900 + "}", TOO_COMPLEX),
    "object x 300": document(lambda: "{" + " orders { totalCount }" * 300 + "}", TOO_COMPLEX),
    "3,000 aliases": document(lambda: f"{{ {numbered('a{n}: version', 3_000)} }}", PARSE),
    "600 aliases": document(lambda: f"{{ {numbered('a{n}: version', 600)} }}", TOO_COMPLEX),
    "doubling to 60": document(lambda: doubling(60), TOO_COMPLEX),
    "doubling to 48": document(lambda: doubling(48).replace("...F", "version ...F"), TOO_COMPLEX),
    "circle": document(lambda: circle(48), VALIDATION),
    "everything in everything": document(lambda: everything_in_everything(28), VALIDATION),
    "same fragments": document(lambda: same_fragments(48), TOO_COMPLEX),
    "1,000 directives": document(
        lambda: "{ version" + " @skip(if: false)" * 1_000 + "}", TOO_COMPLEX
    ),
    "unknown directives": document(lambda: "{ version" + " @a" * 900 + "}", TOO_COMPLEX),
    "operations": document(lambda: numbered("query Q{n} {{ version }}", 300), TOO_COMPLEX),
    "fragments": document(
        lambda: "{ version }" + numbered("fragment F{n} on Query {{ version }}", 200), TOO_COMPLEX
    ),
    "variables": document(
        lambda: f"query Q({numbered('$v{n}: Int', 400)}) {{ version }}", VALIDATION
    ),
    "levels": document(lambda: "{ a " * 150 + "}" * 150, TOO_DEEP),
    "more levels": document(lambda: "{ a " * 900 + "}" * 900, TOO_DEEP),
    "lists in lists": document(
        lambda: "{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }", TOO_DEEP
    ),
    "lists of types": document(
        lambda: "query ($a: " + "[" * 900 + "Int" + "]" * 900 + ") { version }", TOO_DEEP
    ),
    "wrong input": document(lambda: wrong_input(450), VALIDATION),
    "misspelt fields": document(lambda: f"{{ {numbered('versiom{n}', 20)} }}", VALIDATION),
    "long string": document(lambda: f'{{ order(id: "{"x" * 200_000}") {{ id }} }}', PARSE),
    "long number": document(
        lambda: f"{{ orders(first: {'9' * 200_000}) {{ totalCount }} }}", PARSE
    ),
    "number": document(lambda: f"{{ orders(first: {'9' * 40_000}) {{ totalCount }} }}", VALIDATION),
    "long name": document(lambda: "{" + "v" * 200_000 + "}", PARSE),
    "commas": document(lambda: "{" + "," * 200_000 + "version}", PARSE),
    "comments": document(lambda: "#\n" * 20_000 + "{ version }", PARSE),
    "pages in pages": document(pages_in_pages, TOO_COMPLEX),
    "introspection": document(
        lambda: "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}", VALIDATION
    ),
    "100,000-deep JSON": Attack(lambda: b"[" * 100_000, INPUT),
    "deep JSON": Attack(
        lambda: b'{"query": "{ version }", "variables": {"a":' + b"[" * 900 + b"]" * 900 + b"}}",
        INPUT,
    ),
    "large body": Attack(lambda: b'{"query": "' + b"x" * 10_000_000 + b'"}', TOO_LARGE),
    "no JSON": Attack(lambda: b'{"query": "' + b"x" * 200_000, INPUT),
    "number in variables": Attack(
        lambda: (
            b'{"query": "query ($n: Int) { orders(first: $n) { totalCount } }", "variables": {"n":'
            + b"9" * 40_000
            + b"}}"
        ),
        INPUT,
    ),
    "strings in variables": Attack(
        lambda: asked(
            "query ($p: Position) { orders(minPosition: $p) { totalCount } }", {"p": "9" * 200_000}
        ),
        INPUT,
    ),
    "wrong variables": Attack(
        lambda: asked(DRAFT, {"input": {f"a{n}": next(_numbers) for n in range(12_000)}}), INPUT
    ),
    "wrong entries": Attack(
        lambda: asked(DRAFT, {"input": {"currency": "GBP", "lines": [{"sku": 1}] * 15_000}}),
        INPUT,
    ),
    "many ids": Attack(
        lambda: asked("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 40_000}),
        TOO_COMPLEX,
    ),
    "unasked variables": Attack(
        lambda: asked("query ($n: Int) { a }", {f"v{n}": n for n in range(12_000)}), VALIDATION
    ),
    "long number in JSON": Attack(lambda: b'{"query":' + b"9" * 200_000 + b"}", INPUT),
}


def bodies() -> Iterator[bytes]:
    """All of them, again and again."""
    while True:
        yield from (attack.body() for attack in ATTACKS.values())
