"""Who may ask for what: each field carries a rule, its own or that of its type.

A rule says which audiences may ask at all; whose rows they are shown is a matter of their reach,
where rows are loaded. What carries no rule nobody may ask for.
"""

from typing import Any, Final

import strawberry
from strawberry.schema_directive import Location

from orderlog_schema.principals import Audience
from orderlog_schema.scalars import describe_enum

describe_enum(
    Audience,
    "Who asks. Staff and applications belong to an audience for each of their roles.",
    {
        "EVERYBODY": "All of the others.",
        "CUSTOMER": "A customer, who sees and touches nothing but their own.",
        "STAFF": "Staff and applications of any role, in the channels that are theirs.",
        "VIEWER": "Who reads everything but personal data.",
        "SUPPORT": "Who helps customers: drafts, places, cancels, writes notes.",
        "FULFILMENT": "Who keeps stock and ships.",
        "FINANCE": "Who captures, gives back, and reads the sales.",
        "ADMIN": "Who may do everything, and looks after the platform itself.",
    },
)


@strawberry.schema_directive(
    locations=[Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION],
    name="allowed",
    description=(
        "Which audiences may ask for a field: one of these is enough. On a type, it counts for all "
        "fields that do not say otherwise. Everybody else is refused with `FORBIDDEN`."
    ),
)
class Allowed:
    to: list[Audience]

    @property
    def audiences(self) -> frozenset[Audience]:
        return frozenset(self.to)


NOBODY: Final = frozenset[Audience]()


def rule_of(one: Any) -> frozenset[Audience]:  # noqa: ANN401 - of many kinds
    """The audiences of a type, or of a field of one; nobody where it does not say."""
    definition = getattr(one, "__strawberry_definition__", one)
    directives = getattr(definition, "directives", None) or ()
    return next((each.audiences for each in directives if isinstance(each, Allowed)), NOBODY)


EVERYBODY: Final = Allowed(to=[Audience.EVERYBODY])
"""Values such as amounts and errors, which say nothing by themselves."""
OWNERS_AND_STAFF: Final = Allowed(to=[Audience.CUSTOMER, Audience.STAFF])
STAFF: Final = Allowed(to=[Audience.STAFF])
ADMIN: Final = Allowed(to=[Audience.ADMIN])
SUPPORT: Final = Allowed(to=[Audience.SUPPORT, Audience.ADMIN])
FULFILMENT: Final = Allowed(to=[Audience.FULFILMENT, Audience.ADMIN])
FINANCE: Final = Allowed(to=[Audience.FINANCE, Audience.ADMIN])
ORDERING: Final = Allowed(to=[Audience.CUSTOMER, Audience.SUPPORT, Audience.ADMIN])
"""What a customer may do with an order of their own, and support for them."""
PERSONAL: Final = Allowed(
    to=[Audience.CUSTOMER, Audience.SUPPORT, Audience.FULFILMENT, Audience.ADMIN]
)
"""Names, addresses, e-mail: for whom they belong to, and who must write to them or ship to them."""
SALES: Final = Allowed(to=[Audience.VIEWER, Audience.FINANCE, Audience.ADMIN])
