"""Every limit of the API, with its unit; whoever enforces one imports it from here.

What operators may set themselves has its default here, and its name in the settings.
"""

from typing import Final

# --- what is sent ---

BODY_BYTES_MAX: Final = 256 * 1024
BODY_SECONDS_MAX: Final = 10.0
"""So long a body may take to come."""
JSON_LEVELS_MAX: Final = 64
"""How deep the JSON of a request goes: variables and all."""

# --- what a document may be, refused while it is read ---

DOCUMENT_CHARACTERS_MAX: Final = 50_000
TOKENS_MAX: Final = 2_000
DIRECTIVES_MAX: Final = 50

# --- what a document may ask, refused before it is validated ---

DEPTH_MAX: Final = 12
ALIASES_MAX: Final = 30
ROOT_FIELDS_MAX: Final = 20
OPERATIONS_MAX: Final = 20
FRAGMENTS_MAX: Final = 50
FIELDS_MAX: Final = 2_000
"""With every fragment written out where it is spread."""
MERGES_MAX: Final = 1_000
"""Pairs of fields of one name in one place: validation compares each with each."""

# --- what validation may say ---

ERRORS_MAX: Final = 5
"""An error may quote a whole input: a few of them say enough."""

# --- what an operation may cost, by `@cost` and `@listSize` of the schema ---

COST_MAX: Final = 10_000
"""Points of one operation."""
EXPORT_POINTS: Final = COST_MAX
"""Of a file of orders, however long."""
BUDGET_POINTS_MAX: Final = 20_000
"""What a principal may save up, at so many points a second as the settings say."""
PRINCIPALS_METERED_MAX: Final = 10_000
"""So many are remembered; a principal that is forgotten begins with a full budget."""

# --- what is remembered ---

DOCUMENTS_MAX: Final = 1_000
DOCUMENT_TOKENS_MAX: Final = 60_000
"""Of all documents together; a parsed token takes half a kilobyte."""
PLANNED_TOKENS_MAX: Final = 20_000
"""Of all plans together; a planned token takes another two and a half kilobytes."""
PERSISTED_CHARACTERS_MAX: Final = 4_000_000
"""Of all texts together that clients sent once with their hash; the least used are forgotten."""

ANSWERS_BYTES_MAX: Final = 16 * 1024 * 1024
"""Of all answers together that may be given again."""
ANSWER_BYTES_MAX: Final = 256 * 1024
"""A longer answer is made anew each time."""
ANSWER_SECONDS_MAX: Final = 1.0
"""So long an answer counts while no read model moves."""

# --- sockets ---

INITIALISATION_SECONDS_MAX: Final = 3.0
"""From the handshake to `connection_init`."""
AUTHENTICATION_SECONDS_MAX: Final = 5.0
"""From `connection_init` to its answer."""
OPERATIONS_PER_SOCKET_MAX: Final = 20
"""So many run at once on one socket."""
ID_CHARACTERS_MAX: Final = 128
"""The id of an operation is sent with each of its events."""
MESSAGE_BYTES_MAX: Final = 128 * 1024
MESSAGES_PER_MINUTE_MAX: Final = 600
BYTES_PER_MINUTE_MAX: Final = 4 * 1024 * 1024

# --- streams ---

QUEUED_MAX: Final = 256
"""Events that wait for one subscriber; one more, and it must resume."""

# --- time ---

OPERATION_SECONDS_MAX: Final = 10.0
"""A query or a mutation that takes longer is answered with `DEADLINE_EXCEEDED`."""
