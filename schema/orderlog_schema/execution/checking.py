"""A document is parsed within limits, measured, and only then validated: each step bounded.

graphql-core's own validation takes time that is quadratic in what is measured before it.
"""

from typing import Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    specified_rules,
    validate,
)
from graphql.language.parser import Parser
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from orderlog_schema.execution.measuring import TOO_COMPLEX, TOO_DEEP, exceeded, too_much
from orderlog_schema.faults import VALIDATION_FAILED
from orderlog_schema.limits import (
    DIRECTIVES_MAX,
    DOCUMENT_CHARACTERS_MAX,
    ERRORS_MAX,
    TOKENS_MAX,
)

RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
CLOSED_RULES: Final = (*RULES, NoSchemaIntrospectionCustomRule)


class LimitedParser(Parser):
    """The library's, which gives up at the first directive too many."""

    _directives = 0

    def parse_directive(self, is_const: bool) -> DirectiveNode:  # noqa: FBT001 - the library's
        self._directives += 1
        if self._directives > DIRECTIVES_MAX:
            raise too_much(TOO_COMPLEX, "directives", DIRECTIVES_MAX)
        return super().parse_directive(is_const)


def parsed(text: str) -> DocumentNode:
    """Raises `GraphQLError`: no document, or one that is too long or too deep to be read."""
    try:
        parser = LimitedParser(
            text, max_tokens=TOKENS_MAX, max_source_length=DOCUMENT_CHARACTERS_MAX
        )
        return parser.parse_document()
    except RecursionError:
        raise GraphQLError(
            "The document is nested too deeply.", extensions={"code": TOO_DEEP}
        ) from None


def mistakes(
    schema: GraphQLSchema, document: DocumentNode, *, is_revealing: bool = True
) -> list[GraphQLError]:
    """What is wrong with a parsed document; empty where it may run.

    Where the schema is not to be revealed, nobody introspects it or is told similar names.
    """
    rules = RULES if is_revealing else CLOSED_RULES
    errors = list(exceeded(document)) or validate(
        schema, document, rules, max_errors=ERRORS_MAX, hide_suggestions=not is_revealing
    )
    for error in errors:
        if isinstance(error.original_error, ValueError):  # a number longer than Python reads
            error.extensions = {"code": VALIDATION_FAILED}
    return errors
