"""What those are told who have not proved who they are: the same to all, whatever the reason."""

from typing import Final

CHALLENGE: Final = 'Bearer realm="orderlog"'
MESSAGE: Final = "Prove who you are: send a valid token as `Authorization: Bearer TOKEN`."


class Unauthenticated(Exception):
    """`reason` is for our logs alone; `challenge` is the value of `WWW-Authenticate` (RFC 6750)."""

    def __init__(self, reason: str, challenge: str = f'{CHALLENGE}, error="invalid_token"') -> None:
        super().__init__(MESSAGE)
        self.reason = reason
        self.challenge = challenge


class NoToken(Unauthenticated):
    """Nothing was sent that could be checked."""

    def __init__(self) -> None:
        super().__init__("no token", CHALLENGE)
