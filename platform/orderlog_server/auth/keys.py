"""The keys that tokens are checked with: our own, in a file, and those that others publish.

A key stands for one algorithm and one issuer, whatever a token says of itself.
"""

import os
import secrets
import tempfile
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import msgspec
import orjson
from joserfc import jwk
from joserfc.errors import JoseError, SecurityWarning

from orderlog_server.auth.watched import WatchedFile
from orderlog_server.settings import OUR_ISSUER

LOCAL_ALGORITHM: Final = "HS256"
SECRET_BYTES: Final = 32
ALGORITHMS: Final = {"RSA": "RS256", "EC": "ES256"}
"""What a published key may sign with, by its kind: never with a secret."""
CURVE: Final = "P-256"

Keys: TypeAlias = Mapping[str, "TrustedKey"]
"""By their ids."""
Jwk: TypeAlias = dict[str, Any]


class KeysUnusable(Exception):
    """What should hold keys holds none that could be used. The message is a sentence."""


class KeySet(msgspec.Struct):
    """A JWK Set (RFC 7517), as far as all of them are alike."""

    keys: list[Jwk]


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key, with the only algorithm and the only issuer that it stands for."""

    id: str
    algorithm: str
    issuer: str
    jwk: jwk.Key

    @property
    def is_local(self) -> bool:
        return self.algorithm == LOCAL_ALGORITHM


class KeySource(Protocol):
    """Where keys come from."""

    @property
    def keys(self) -> Keys:
        """Those that count now."""
        ...

    async def find(self, key_id: str) -> TrustedKey | None:
        """The key with this id, waited for if need be."""
        ...


class KeyFile:
    """Keys in a file, read again when it changes."""

    def __init__(self, file: WatchedFile[Keys]) -> None:
        self._file = file

    @property
    def keys(self) -> Keys:
        return self._file.content

    async def find(self, key_id: str) -> TrustedKey | None:
        return self.keys.get(key_id)


def published_keys(content: bytes, issuer: str) -> Keys:
    """The keys of a JWK Set that can be used here. Raises `KeysUnusable` where there is none."""
    try:
        described = msgspec.json.decode(content, type=KeySet).keys
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"it is no JWK Set ({error})."
        raise KeysUnusable(message) from None
    keys = [key for one in described if (key := published_key(one, issuer)) is not None]
    if not keys:
        kinds = " or ".join(ALGORITHMS.values())
        message = f"none of its {len(described)} keys has an id and is for {kinds}."
        raise KeysUnusable(message)
    return {key.id: key for key in reversed(keys)}  # of two with the same id the first counts


def published_key(described: Jwk, issuer: str) -> TrustedKey | None:
    """None where it is for something else, too weak, or not public."""
    match described:
        case {"kid": str(key_id), "kty": "RSA" | "EC" as kind} if key_id and "d" not in described:
            algorithm = ALGORITHMS[kind]
        case _:
            return None
    if described.get("use", "sig") != "sig" or described.get("alg", algorithm) != algorithm:
        return None
    try:
        with warnings.catch_warnings(action="error", category=SecurityWarning):  # a weak key
            key = jwk.import_key(described)
    except (JoseError, SecurityWarning, TypeError, ValueError):
        return None
    if isinstance(key, jwk.ECKey) and key.curve_name != CURVE:
        return None
    return TrustedKey(key_id, algorithm, issuer, key)


def local_key(content: bytes) -> TrustedKey:
    """The key of this installation. Raises `KeysUnusable`."""
    try:
        described = orjson.loads(content)
        key = jwk.OctKey.import_key(described)
        key_id = str(described["kid"])
    except (JoseError, KeyError, TypeError, ValueError):
        message = "it is no JSON Web Key of the kind `oct` with an id."
        raise KeysUnusable(message) from None
    if len(key.raw_value) < SECRET_BYTES:
        message = f"a secret has at least {SECRET_BYTES} bytes."
        raise KeysUnusable(message)
    return TrustedKey(key_id, LOCAL_ALGORITHM, OUR_ISSUER, key)


def read_local_key(path: Path) -> TrustedKey:
    """Raises `KeysUnusable`, `OSError`."""
    return local_key(path.read_bytes())


def make_local_key(path: Path) -> bool:
    """Writes a new secret that only its owner may read; false where one is there already."""
    about = {"kid": f"local-{secrets.token_hex(8)}", "alg": LOCAL_ALGORITHM, "use": "sig"}
    key = jwk.OctKey.generate_key(SECRET_BYTES * 8)
    content = orjson.dumps(key.as_dict(private=True) | about)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    try:
        with suppress(FileExistsError):
            Path(path).hardlink_to(name)  # whole or not at all, and never over another one
            return True
    finally:
        Path(name).unlink()
    return False
