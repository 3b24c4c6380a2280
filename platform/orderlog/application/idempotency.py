"""The same key and the same command: the first answer again, and no new event."""

import hashlib
from dataclasses import dataclass
from typing import Final

from orderlog.domain.rejections import ErrorCode, Rejected

KEY_LENGTH_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key, in the scope (channel, actor, operation) in which it must be unique.

    `fingerprint` is a digest of the command's input: the same key with another input is a mistake.
    """

    scope: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, *, scope: str, key: str, body: bytes) -> "IdempotencyKey":
        """Raises `INVALID_IDEMPOTENCY_KEY` for an empty key or one of more than 255 characters."""
        if not key.strip() or len(key) > KEY_LENGTH_MAX:
            message = f"An idempotency key has 1 to {KEY_LENGTH_MAX} characters."
            raise Rejected(ErrorCode.INVALID_IDEMPOTENCY_KEY, message, path=("idempotencyKey",))
        return cls(scope, key, hashlib.sha256(body).hexdigest())

    def require_same(self, fingerprint: str) -> None:
        """Raises `IDEMPOTENCY_KEY_REUSED`."""
        if fingerprint != self.fingerprint:
            message = "This idempotency key was already used with another input."
            raise Rejected(ErrorCode.IDEMPOTENCY_KEY_REUSED, message, path=("idempotencyKey",))
