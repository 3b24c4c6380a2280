"""Tokens that count no more although their time is not over: in a file, watched while we run.

```json
{"tokens": ["0192…"], "subjects": {"ada": "2026-11-23T14:00:00Z"}}
```

A token is named by its `jti`. A subject is named by its id, as events have it, and with the moment
before which all tokens were issued that count no more: so somebody's roles are changed.
"""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from orderlog_schema.principals import Principal


class RevocationsUnreadable(Exception):
    """The message is a sentence."""


class Revocations(msgspec.Struct):
    """What is revoked; `subjects` by id, with the moment before which a token was issued."""

    tokens: set[str] = set()
    subjects: dict[str, datetime] = {}

    def concern(self, principal: Principal) -> bool:
        """Whether the token that this one came with counts no more."""
        if principal.token_id in self.tokens:
            return True
        before = self.subjects.get(principal.id)
        issued_at = principal.issued_at
        return before is not None and issued_at is not None and issued_at < aware(before)


def aware(moment: datetime) -> datetime:
    """A time without a zone is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_revocations(path: Path) -> Revocations:
    """Nothing where there is no file. Raises `RevocationsUnreadable`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Revocations)
    except FileNotFoundError:
        return Revocations()
    except (msgspec.DecodeError, OSError) as error:
        message = f"The revocations in {path} cannot be read ({error}); mend or remove the file."
        raise RevocationsUnreadable(message) from None


def write_revocations(path: Path, revocations: Revocations) -> None:
    """Whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(revocations)))
    Path(name).replace(path)
