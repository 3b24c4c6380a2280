"""Tokens as identity providers make them, and as attackers do."""

import base64
import json
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from joserfc import jwk, jws

from orderlog_server.auth.keys import LOCAL_ALGORITHM
from orderlog_server.settings import OUR_ISSUER

Said = Mapping[str, Any]
"""Headers or claims; None leaves one out."""
ISSUER: Final = "https://id.example"


@dataclass(frozen=True)
class FromNow:
    """A time so long after a token is made, for tests that run long after they were collected."""

    seconds: int


@dataclass(frozen=True)
class Signer:
    """Who signs tokens: `token()` is one that is taken, each argument makes it another."""

    key: jwk.Key
    algorithm: str
    issuer: str = ISSUER

    @classmethod
    def local(cls, path: Path) -> Self:
        """With the key that the server has made for itself."""
        key = jwk.OctKey.import_key(json.loads(path.read_text()))
        return cls(key, LOCAL_ALGORITHM, OUR_ISSUER)

    @classmethod
    def rsa(cls, kid: str = "rsa-1") -> Self:
        return cls(jwk.RSAKey.generate_key(2_048, {"kid": kid, "use": "sig"}), "RS256")

    @classmethod
    def weak(cls) -> Self:
        """With a key of 1,024 bits, as nobody should."""
        with warnings.catch_warnings(action="ignore"):
            return cls(jwk.RSAKey.generate_key(1_024, {"kid": "weak"}), "RS256")

    @classmethod
    def elliptic(cls, kid: str = "ec-1") -> Self:
        return cls(jwk.ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}), "ES256")

    def header(self, **changes: object) -> Said:
        return {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"} | changes

    def claims(self, **changes: object) -> Said:
        """Of an administrator, for a quarter of an hour."""
        now = int(time.time())
        timed = {
            name: now + said.seconds if isinstance(said, FromNow) else said
            for name, said in changes.items()
        }
        return {
            "iss": self.issuer,
            "aud": "orderlog",
            "sub": "ada",
            "jti": f"token-{time.monotonic_ns()}",
            "iat": now,
            "exp": now + 900,
            "kind": "staff",
            "roles": ["admin"],
        } | timed

    def token(self, header: Said | None = None, /, **claims: object) -> str:
        return sealed(
            self.header(**(header or {})), self.claims(**claims), self.algorithm, self.key
        )


@dataclass(frozen=True)
class Signers:
    """Those whom a server trusts, and two whom it should not: with a weak key, with none at all."""

    local: Signer
    rsa: Signer
    elliptic: Signer
    weak: Signer
    stranger: Signer

    @classmethod
    def of(cls, local: Path) -> Self:
        """`local` is the server's own key; the stranger calls itself as `rsa` does."""
        return cls(
            Signer.local(local), Signer.rsa(), Signer.elliptic(), Signer.weak(), Signer.rsa()
        )


def sealed(
    header: Said, claims: Said | list[int] | bytes, algorithm: str | None, key: jwk.Key | None
) -> str:
    """Signed by this algorithm, whatever the header says; None signs with nothing."""
    content = f"{segment(header)}.{segment(claims)}"
    signature = b""
    if algorithm is not None:
        signature = jws.JWSRegistry.algorithms[algorithm].sign(content.encode(), key)
    return f"{content}.{encoded(signature)}"


def segment(content: Said | list[int] | bytes) -> str:
    if isinstance(content, Mapping):
        content = {name: value for name, value in content.items() if value is not None}
    return encoded(content if isinstance(content, bytes) else json.dumps(content).encode())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def published(*signers: Signer) -> bytes:
    """The JWK Set of these, as it may be shown to everybody."""
    keys = [signer.key.as_dict(private=False) for signer in signers]
    return json.dumps({"keys": keys}).encode()
