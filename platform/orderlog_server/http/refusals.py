"""What is wrong with a request itself, before anything of it runs."""

from collections.abc import Sequence
from typing import Final

from orderlog_schema.faults import BAD_USER_INPUT

Header = tuple[bytes, bytes]

ALLOW: Final[Header] = (b"allow", b"GET, POST")


class Refused(Exception):
    """To be answered with this status, and with a GraphQL error of this code."""

    def __init__(
        self, status: int, code: str, message: str, headers: Sequence[Header] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def bad_request(message: str) -> Refused:
    return Refused(400, BAD_USER_INPUT, message)


def not_allowed(message: str) -> Refused:
    return Refused(405, "METHOD_NOT_ALLOWED", message, [ALLOW])
