"""Why a socket is closed: codes that clients of the protocol know, and what they do about them.

The library graphql-ws gives up for good after 4400, 4401, 4406, 4409, 4429 and 4500, and connects
again, with what its user then has for a token, after 4403, 4408 and 4499.
"""

from typing import Final, NamedTuple


class Closing(NamedTuple):
    """`reason` is cut where it is longer than a frame may tell: 123 bytes."""

    code: int
    reason: str


IDLE: Final = Closing(1000, "Nothing was watched here for a while")
NOT_TEXT: Final = Closing(4400, "Invalid message: it must be text")
TOO_EARLY: Final = Closing(4401, "Unauthorized")
FORBIDDEN: Final = Closing(4403, "Forbidden")
EXPIRED: Final = Closing(4403, "Token expired")
REVOKED: Final = Closing(4403, "Access revoked")
WRONG_PROTOCOL: Final = Closing(4406, "Subprotocol not acceptable")
TOO_LATE: Final = Closing(4408, "Connection initialisation timeout")
INITIALISED_TWICE: Final = Closing(4429, "Too many initialisation requests")
TOO_MANY_MESSAGES: Final = Closing(4429, "Too many messages in a minute")
TOO_MANY_BYTES: Final = Closing(4429, "Too many bytes in a minute")
TOO_MANY_SOCKETS: Final = Closing(4429, "Too many sockets")
SILENT: Final = Closing(4499, "No sign of life")
FAULT: Final = Closing(4500, "Internal server error")


def malformed(why: Exception) -> Closing:
    return Closing(4400, str(why))


def taken(operation_id: str) -> Closing:
    return Closing(4409, f"Subscriber for {operation_id} already exists")
