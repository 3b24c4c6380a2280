"""Documents are parsed, measured and validated once, and remembered by their text."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Token,
)

from orderlog_schema.execution.checking import mistakes, parsed
from orderlog_schema.execution.operations import Operation
from orderlog_schema.faults import BAD_USER_INPUT, VALIDATION_FAILED, give_codes
from orderlog_schema.limits import DOCUMENT_TOKENS_MAX, DOCUMENTS_MAX

UNNAMED: Final = "Say by operationName which of these operations is wanted."


class Document:
    """A text, parsed: the operations in it, and what is wrong with it (each error with a code)."""

    __slots__ = ("_operations", "errors", "size")

    def __init__(self, node: DocumentNode | None, errors: list[GraphQLError]) -> None:
        self.errors = errors
        self.size = 1 if node is None else tokens_of(node)
        self._operations = operations_of(node)

    def operation(self, name: str | None) -> Operation | GraphQLError:
        """The one of this name, or the only one where no name is given; or why there is none."""
        if name is None and len(self._operations) == 1:
            return next(iter(self._operations.values()))
        if name is not None and name in self._operations:
            return self._operations[name]
        return refusal(UNNAMED if name is None else f'Unknown operation named "{name}".')


class DocumentCache:
    """The documents of one schema, the most recently used last; refused ones too."""

    def __init__(self, schema: GraphQLSchema, *, is_revealing: bool = True) -> None:
        self._schema = schema
        self._is_revealing = is_revealing
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._size = 0

    def find(self, text: str) -> Document:
        document = self._known.get(text)
        if document is not None:
            self._known.move_to_end(text)
            return document
        return self._kept(text, read(self._schema, text, is_revealing=self._is_revealing))

    def keep(self, text: str, node: DocumentNode) -> None:
        """A document that is known to be valid."""
        if text not in self._known:
            self._kept(text, Document(node, []))

    def _kept(self, text: str, document: Document) -> Document:
        self._known[text] = document
        self._size += document.size
        self._forget()
        return document

    def _forget(self) -> None:
        while len(self._known) > DOCUMENTS_MAX or self._size > DOCUMENT_TOKENS_MAX:
            _, forgotten = self._known.popitem(last=False)
            self._size -= forgotten.size


def read(schema: GraphQLSchema, text: str, *, is_revealing: bool) -> Document:
    try:
        node = parsed(text)
    except GraphQLError as error:
        give_codes([error])
        return Document(None, [error])
    if not operations_of(node):
        return Document(node, [refusal("The document has no operation.")])
    errors = mistakes(schema, node, is_revealing=is_revealing)
    give_codes(errors, VALIDATION_FAILED)
    return Document(node, errors)


def operations_of(document: DocumentNode | None) -> Mapping[str | None, Operation]:
    definitions = () if document is None else document.definitions
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    size = 0 if document is None else tokens_of(document)
    return {
        node.name.value if node.name else None: Operation(node, fragments, size)
        for node in definitions
        if isinstance(node, OperationDefinitionNode)
    }


def tokens_of(document: DocumentNode) -> int:
    count, token = 0, cast("Token | None", getattr(document.loc, "start_token", None))
    while token is not None:
        count, token = count + 1, token.next
    return count


def refusal(message: str, code: str = BAD_USER_INPUT) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
