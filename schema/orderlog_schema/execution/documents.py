"""Documents are parsed, measured and validated once, and remembered by their text."""

from collections import OrderedDict
from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from orderlog_schema.execution.checking import mistakes, parsed
from orderlog_schema.faults import VALIDATION_FAILED, give_codes
from orderlog_schema.limits import DOCUMENTS_MAX, TOKENS_MAX


class Documents:
    """The documents that were found valid, the most recently used last."""

    def __init__(self) -> None:
        self._valid: OrderedDict[str, DocumentNode] = OrderedDict()

    def find(self, text: str) -> DocumentNode | None:
        document = self._valid.get(text)
        if document is not None:
            self._valid.move_to_end(text)
        return document

    def keep(self, text: str, document: DocumentNode) -> None:
        self._valid[text] = document
        while len(self._valid) > DOCUMENTS_MAX:
            self._valid.popitem(last=False)


class DocumentCache(SchemaExtension):
    """Made for each request; `documents` belongs to the schema."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._is_known = False
        self._mistakes: list[GraphQLError] = []

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        text = context.query or ""
        known = self._documents.find(text)
        self._is_known = known is not None
        try:
            context.graphql_document = known or parsed(text)
        except GraphQLError as error:  # the library finds most of them again, and says so itself
            context.parse_options["max_tokens"] = TOKENS_MAX
            self._mistakes = [error]
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        context.validation_rules = ()
        if self._mistakes:
            context.pre_execution_errors = self._mistakes
        elif document is not None and not self._is_known:
            schema = context.schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - there is no other
            context.pre_execution_errors = mistakes(schema, document) or None
        yield
        if context.pre_execution_errors:
            give_codes(context.pre_execution_errors, VALIDATION_FAILED)
        elif document is not None and context.query and not self._is_known:
            self._documents.keep(context.query, document)


class SingleOperation(SchemaExtension):
    """Several operations without the name of one are a mistake, not a reason to run the first."""

    def on_parse(self) -> Iterator[None]:
        yield
        context = self.execution_context
        document = context.graphql_document
        if document is None or vars(context)["_provided_operation_name"] is not None:
            return
        if sum(isinstance(one, OperationDefinitionNode) for one in document.definitions) > 1:
            raise GraphQLError("Say by operationName which of these operations is wanted.")
