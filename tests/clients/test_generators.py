"""What generates clients from a schema takes ours as it stands, with every example operation."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graphql import OperationDefinitionNode, OperationType, parse

import dev
from tests.schema.api import LINE, Api
from tests.support.workshop import OPERATIONS, RECIPES, Workshop

COMMENTS: Final = re.compile(r"^#.*\n", re.MULTILINE)
EXAMPLES: Final = {
    path.stem: COMMENTS.sub("", path.read_text()) for path in sorted(OPERATIONS.glob("*.graphql"))
}
ASK_BY_ARIADNE: Final = """
import asyncio, json, sys
from orderlog_client import Client, CreateDraftOrderInput

async def main(url, input):
    async with Client(url) as client:
        asked = CreateDraftOrderInput.model_validate(input)
        first, again = [await client.create_draft_order(asked) for _ in range(2)]
        order = (await client.order(first.create_draft_order.order.id)).order
        said = [first.create_draft_order.replayed, again.create_draft_order.replayed]
        print(json.dumps([*said, order.lifecycle, order.total.amount]))

asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
"""


def test_graphql_codegen_writes_strict_types(node_workshop: Workshop) -> None:
    node_workshop.take(RECIPES / "typescript")
    node_workshop.run(node_workshop.bin("graphql-codegen"))
    types = (node_workshop.folder / "gql/graphql.ts").read_text()
    assert [name for name in EXAMPLES if f"export const {name}Document" not in types] == []
    assert re.findall(r"^  \w+: \{ input: any;", types, re.MULTILINE) == []


def test_gql_tada_infers_every_operation(node_workshop: Workshop) -> None:
    node_workshop.take(dev.CLIENTS / "tada")
    modules = "\n".join(
        f"export const {name} = graphql(`{text}`);" for name, text in EXAMPLES.items()
    )
    examples = f'import {{ graphql }} from "./graphql.js";\n{modules}\n'
    (node_workshop.folder / "examples.ts").write_text(examples)
    node_workshop.run(node_workshop.bin("gql.tada"), "generate-output")
    node_workshop.run(node_workshop.bin("gql.tada"), "check", "--fail-on-warn")
    node_workshop.run(node_workshop.bin("tsc"))


def test_relay_compiles_every_operation_and_pages_through_connections(
    node_workshop: Workshop,
) -> None:
    node_workshop.take(dev.CLIENTS / "relay")
    for module, text in relay_modules():
        (node_workshop.folder / f"{module}.ts").write_text(text)
    node_workshop.run(node_workshop.bin("relay-compiler"))
    written = {path.name for path in node_workshop.folder.glob("__generated__/*.ts")}
    assert {f"{module}.graphql.ts" for module, _ in relay_modules()} <= written
    assert {"OrderTablePageQuery.graphql.ts", "OrderTableRowQuery.graphql.ts"} <= written


def relay_modules() -> Iterator[tuple[str, str]]:
    """Relay wants an operation to be named after its module and to end in what it is."""
    for name, text in EXAMPLES.items():
        kind = kind_of(text).value
        module = f"{name}{kind.capitalize()}"
        document = text.replace(f"{kind} {name}", f"{kind} {module}", 1)
        yield (
            module,
            f'import {{ graphql }} from "relay-runtime";\nexport default graphql`{document}`;\n',
        )


def kind_of(document: str) -> OperationType:
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation


async def test_ariadne_writes_a_python_client_that_works(
    workshop: Workshop, ariadne: Path, api: Api
) -> None:
    workshop.take(dev.CLIENTS / "ariadne/pyproject.toml")
    workshop.run(ariadne / "ariadne-codegen")
    (workshop.folder / "ask.py").write_text(ASK_BY_ARIADNE)
    basket = json.dumps({"currency": "GBP", "lines": [LINE], "idempotencyKey": "basket-7"})
    asking = (ariadne / "python", "ask.py", f"{api.url}/graphql", basket)
    answer = json.loads(await asyncio.to_thread(workshop.run, *asking))
    assert answer == [False, True, "DRAFT", "5.00"]


def test_genqlient_writes_a_function_for_each_operation(workshop: Workshop, go: Path) -> None:
    workshop.take(RECIPES / "go")
    workshop.run(go, "tool", "genqlient")
    functions = (workshop.folder / "generated.go").read_text()
    assert [name for name in EXAMPLES if f"func {name}(" not in functions] == []


def test_graphql_eslint_finds_nothing_but_what_we_meant(node_workshop: Workshop) -> None:
    node_workshop.take(dev.CLIENTS / "eslint.config.js")
    node_workshop.run(node_workshop.bin("eslint"), "schema.graphql")
    schema = node_workshop.folder / "schema.graphql"
    schema.write_text(schema.read_text() + "type orphan { a_field: [Node!]! }\n")
    found = node_workshop.attempt(node_workshop.bin("eslint"), "schema.graphql").stdout
    rules = {"naming-convention", "no-unreachable-types", "require-description"}
    assert [rule for rule in rules if rule not in found] == []
