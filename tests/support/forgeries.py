"""Credentials that nobody must get in with: each with what our log says of it."""

import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jwk

from tests.support.tokens import ISSUER, FromNow, Signer, Signers, decoded, encoded, sealed, segment

ELSEWHERE: Final = "https://evil.example/keys.json"

Credentials = Callable[[Signers], Sequence[str]]
"""The values of as many `Authorization` headers."""


def bearer(token: Callable[[Signers], str]) -> Credentials:
    return lambda by: [f"Bearer {token(by)}"]


def by_us(header: dict[str, Any] | None = None, /, **claims: object) -> Credentials:
    """What our own key signs."""
    return bearer(lambda by: by.local.token(header, **claims))


def by_rsa(header: dict[str, Any] | None = None, /, **claims: object) -> Credentials:
    """What a published key signs."""
    return bearer(lambda by: by.rsa.token(header, **claims))


def by_stranger(**header: object) -> Credentials:
    """What a key signs that is not trusted, under the name of one that is."""
    return bearer(lambda by: by.stranger.token(header))


def parts(change: Callable[[str, str, str], str]) -> Credentials:
    """A good token, taken apart and put together in another way."""
    return bearer(lambda by: change(*by.rsa.token().split(".")))


def unsigned(**header: object) -> Credentials:
    return bearer(lambda by: sealed(by.rsa.header(**header), by.rsa.claims(), None, None))


def confused(secret: Callable[[jwk.Key], bytes]) -> Credentials:
    """Signed by HMAC with what everybody knows: the public key."""

    def token(by: Signers) -> str:
        content = f"{segment(by.rsa.header(alg='HS256'))}.{segment(by.rsa.claims())}"
        signature = hmac.digest(secret(by.rsa.key), content.encode(), "sha256")
        return f"{content}.{encoded(signature)}"

    return bearer(token)


def of_other_numbers(by: Signers) -> str:
    """An ES256 signature in the form that certificates have."""
    content, _, signature = by.elliptic.token().rpartition(".")
    halves = decoded(signature)[:32], decoded(signature)[32:]
    r, s = map(int.from_bytes, halves)
    return f"{content}.{encoded(encode_dss_signature(r, s))}"


def pem(key: jwk.Key) -> bytes:
    assert isinstance(key, jwk.RSAKey)
    return key.as_pem(private=False)


def described(key: jwk.Key) -> bytes:
    return json.dumps(key.as_dict(private=False)).encode()


def good(by: Signers) -> str:
    return by.rsa.token()


REFUSED: Final[dict[str, tuple[Credentials, str]]] = {
    # how it is sent
    "nothing at all": (lambda _: [], "no token"),
    "an empty header": (lambda _: [""], "not a bearer"),
    "the scheme alone": (lambda _: ["Bearer"], "malformed"),
    "a token without a scheme": (lambda by: [good(by)], "not a bearer"),
    "another scheme": (lambda by: [f"Basic {good(by)}"], "not a bearer"),
    "two headers": (lambda by: [f"Bearer {good(by)}"] * 2, "not one header"),
    "two tokens": (bearer(lambda by: f"{good(by)} {good(by)}"), "malformed"),
    "two tokens, listed": (bearer(lambda by: f"{good(by)}, {good(by)}"), "malformed"),
    "a small bearer": (lambda _: ["bearer a.b.c"], "malformed"),
    "a huge token": (by_rsa(sub="a" * 20_000), "not one header of a sensible length"),
    "letters of no alphabet": (lambda by: [f"Bearer {good(by)}é"], "not a bearer"),
    # how it is built
    "no dots": (lambda _: ["Bearer abcdef"], "malformed"),
    "one dot": (parts(lambda header, claims, _: f"{header}.{claims}"), "malformed"),
    "three dots": (parts(lambda a, b, c: f"{a}.{b}.{c}."), "malformed"),
    "five parts, as if encrypted": (
        parts(lambda a, b, c: f"{a}.{b}.{c}.d.e"),
        "malformed",
    ),
    "a header of other letters": (parts(lambda _, b, c: f"!!!.{b}.{c}"), "malformed"),
    "claims of other letters": (parts(lambda a, _, c: f"{a}.!!!.{c}"), "malformed"),
    "padded parts": (parts(lambda a, b, c: f"{a}=.{b}.{c}"), "malformed"),
    "a header that is no JSON": (parts(lambda _, b, c: f"{encoded(b'alg')}.{b}.{c}"), "malformed"),
    "a header that is a list": (parts(lambda _, b, c: f"{segment([])}.{b}.{c}"), "malformed"),
    "a deep header": (parts(lambda _, b, c: f"{encoded(b'[' * 380)}.{b}.{c}"), "malformed"),
    "claims that are no JSON": (
        bearer(lambda by: sealed(by.rsa.header(), b"ada", "RS256", by.rsa.key)),
        "DecodeError",
    ),
    "claims that are a list": (
        bearer(lambda by: sealed(by.rsa.header(), [1], "RS256", by.rsa.key)),
        "ValidationError",
    ),
    # who signed it, and how
    "no signature": (parts(lambda a, b, _: f"{a}.{b}."), "wrong signature"),
    "half a signature": (parts(lambda a, b, c: f"{a}.{b}.{c[:100]}"), "wrong signature"),
    "a changed signature": (
        parts(lambda a, b, c: f"{a}.{b}.{'B' if c[0] == 'A' else 'A'}{c[1:]}"),
        "wrong signature",
    ),
    "changed claims": (
        parts(lambda a, b, c: f"{a}.{segment(json.loads(decoded(b)) | {'sub': 'eve'})}.{c}"),
        "wrong signature",
    ),
    "a changed header": (
        parts(lambda _, b, c: f"{segment({'alg': 'RS256', 'kid': 'rsa-1'})}.{b}.{c}"),
        "wrong signature",
    ),
    "the algorithm none": (unsigned(alg="none"), "algorithm is not"),
    "the algorithm None": (unsigned(alg="None"), "algorithm is not"),
    "the algorithm none, with a signature": (by_rsa({"alg": "none"}), "algorithm is not"),
    "no algorithm": (by_rsa({"alg": None}), "malformed"),
    "no algorithm by our key": (by_us({"alg": "none"}), "algorithm is not"),
    "two algorithms": (by_rsa({"alg": ["RS256", "HS256"]}), "malformed"),
    "the public key as a secret, in PEM": (confused(pem), "algorithm is not"),
    "the public key as a secret, as it is published": (confused(described), "algorithm is not"),
    "another algorithm of a good key": (
        bearer(lambda by: sealed(by.rsa.header(alg="RS512"), by.rsa.claims(), "RS512", by.rsa.key)),
        "algorithm is not",
    ),
    "a signature of another form": (bearer(of_other_numbers), "wrong signature"),
    "a stranger's key": (by_stranger(), "wrong signature"),
    "our key's name, a published key's signature": (
        bearer(lambda by: by.rsa.token({"kid": by.local.key.kid})),
        "algorithm is not",
    ),
    "a weak key": (bearer(lambda by: by.weak.token()), "unknown key"),
    "no key": (by_rsa({"kid": None}), "no key is named"),
    "an empty key": (by_rsa({"kid": ""}), "no key is named"),
    "an unknown key": (by_rsa({"kid": "rsa-2"}), "unknown key"),
    "a key that is a path": (by_rsa({"kid": "../../../../dev/null"}), "unknown key"),
    "a key that is a statement": (by_rsa({"kid": "x' UNION SELECT 'secret' --"}), "unknown key"),
    "a key that is a number": (by_rsa({"kid": 1}), "malformed"),
    "the key in the token": (
        bearer(lambda by: by.stranger.token({"jwk": by.stranger.key.as_dict(private=False)})),
        "malformed|wrong signature",  # with its key the header is too long
    ),
    "a small key in the token": (
        bearer(
            lambda by: sealed(
                {"alg": "ES256", "kid": "ec-1", "jwk": Signer.elliptic().key.as_dict()},
                by.elliptic.claims(),
                "ES256",
                Signer.elliptic().key,
            )
        ),
        "wrong signature",
    ),
    "keys elsewhere": (by_stranger(jku=ELSEWHERE), "wrong signature"),
    "a certificate elsewhere": (by_stranger(x5u=ELSEWHERE), "wrong signature"),
    "a certificate in the token": (by_stranger(x5c=["MIIB"]), "wrong signature"),
    "something critical": (by_rsa({"crit": ["exp"], "exp": 1}), "malformed|not understood"),
    "claims that are not encoded": (by_rsa({"b64": False, "crit": ["b64"]}), "malformed|not und"),
    "another type of token": (by_rsa({"typ": "dpop+jwt"}), "another type"),
    # what it says
    "expired": (by_rsa(iat=FromNow(-961), exp=FromNow(-61)), "expired"),
    "not valid yet": (by_rsa(nbf=FromNow(120)), "not valid yet"),
    "issued in the future": (by_rsa(iat=FromNow(120), exp=FromNow(300)), "not valid yet"),
    "over before it began": (by_rsa(iat=FromNow(0), exp=FromNow(-10)), "valid for too long"),
    "valid for too long": (by_rsa(exp=FromNow(3_600)), "valid for too long"),
    "valid for ever": (by_rsa(exp=1e300), "valid for too long"),
    "another issuer": (by_rsa(iss="https://evil.example"), "another issuer"),
    "our issuer by another's key": (by_rsa(iss="orderlog"), "another issuer"),
    "another's issuer by our key": (by_us(iss=ISSUER), "another issuer"),
    "another audience": (by_rsa(aud="billing"), "another audience"),
    "other audiences": (by_rsa(aud=["billing", "orderlogs"]), "another audience"),
    "no issuer": (by_rsa(iss=None), "missing"),
    "no audience": (by_rsa(aud=None), "missing"),
    "no subject": (by_rsa(sub=None), "missing"),
    "no end": (by_rsa(exp=None), "missing"),
    "no time of issue": (by_rsa(iat=None), "missing"),
    "no id": (by_rsa(jti=None), "missing"),
    "no kind": (by_rsa(kind=None), "missing"),
    "an end that is text": (by_rsa(exp="soon"), "ValidationError"),
    "an end that is true": (by_rsa(exp=True), "ValidationError"),
    "an empty subject": (by_rsa(sub=""), "ValidationError"),
    "a subject of two lines": (by_rsa(sub="ada\nroot"), "ValidationError"),
    "a subject that is a number": (by_rsa(sub=1), "ValidationError"),
    "an unknown kind": (by_rsa(kind="root"), "ValidationError"),
    "the system, by another's key": (by_rsa(kind="system"), "the system"),
    "no roles": (by_rsa(roles=None), "no role"),
    "empty roles": (by_rsa(roles=[]), "no role"),
    "an application without a role": (by_rsa(kind="app", roles=[]), "no role"),
    "an unknown role": (by_rsa(roles=["admin", "owner"]), "ValidationError"),
    "roles that are text": (by_rsa(roles="admin"), "ValidationError"),
    "a customer without an id": (by_rsa(kind="customer", roles=None), "without an id"),
    "a customer of no name": (by_rsa(kind="customer", roles=None, customer=""), "ValidationError"),
    "a customer with a role": (by_rsa(kind="customer", customer="c-1"), "with roles"),
    "staff that is a customer": (by_rsa(customer="c-1"), "without a customer"),
    "no channels": (by_rsa(channels=[]), "ValidationError"),
    "revoked": (by_rsa(jti="revoked"), "revoked"),
}
