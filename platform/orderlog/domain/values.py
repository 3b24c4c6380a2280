"""Small values that commands and events are made of, and the checks on them."""

import re
from hashlib import sha1
from typing import Final
from uuid import UUID

import msgspec

from orderlog.domain.countries import COUNTRIES
from orderlog.domain.rejections import ErrorCode, Rejected

QUANTITY_MAX: Final = 1_000_000
TEXT_LENGTH_MAX: Final = 255
NOTE_LENGTH_MAX: Final = 4_000
TAX_RATE_PPM_MAX: Final = 1_000_000
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_SKU: Final = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
_WAREHOUSE: Final = re.compile(r"[A-Za-z0-9_]{1,32}")


class Sealed(msgspec.Struct, frozen=True):
    """Personal data as events keep it: encrypted with the key of the person it is about."""

    subject_id: str
    ciphertext: str


def named_uuid(namespace: bytes, name: str) -> str:
    """The same id for the same name: a UUIDv5 (RFC 9562, 5.5) as text, without the object."""
    h = sha1(namespace + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(h[16], 16) & 0b11]
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{variant}{h[17:20]}-{h[20:32]}"


def require_uuid(value: str, *path: str) -> str:
    """The id in canonical form. Raises `INVALID_ID`."""
    try:
        return str(UUID(value))
    except ValueError:
        message = f"{value[:40]!r} is not a UUID."
        raise Rejected(ErrorCode.INVALID_ID, message, path=path) from None


def require_canonical_uuid(value: str, *path: str) -> str:
    """For ids that things are found by: two spellings would be two things. Raises `INVALID_ID`."""
    if require_uuid(value, *path) != value:
        message = f"Write this UUID in lower case with hyphens: {UUID(value)}."
        raise Rejected(ErrorCode.INVALID_ID, message, path=path)
    return value


def require_reason(value: str, *path: str) -> str:
    """1…255 characters. Raises `REASON_REQUIRED`, `INVALID_VALUE`."""
    if not value.strip():
        message = "A reason is needed here."
        raise Rejected(ErrorCode.REASON_REQUIRED, message, path=path or ("reasonCode",))
    return require_text(value, *(path or ("reasonCode",)))


def require_quantity(value: int, *path: str) -> int:
    """1…1,000,000. Raises `INVALID_QUANTITY {min, max}`."""
    if not 1 <= value <= QUANTITY_MAX:
        message = f"A quantity is between 1 and {QUANTITY_MAX:,}."
        raise Rejected(
            ErrorCode.INVALID_QUANTITY, message, path=path or ("quantity",), min=1, max=QUANTITY_MAX
        )
    return value


def require_text(value: str, *path: str, length_max: int = TEXT_LENGTH_MAX) -> str:
    """1…`length_max` characters, not only spaces. Raises `INVALID_VALUE`."""
    if not value.strip() or len(value) > length_max:
        message = f"A text of 1 to {length_max} characters is needed here."
        raise Rejected(ErrorCode.INVALID_VALUE, message, path=path)
    return value


def require_sku(value: str, *path: str) -> str:
    """1…64 printable ASCII characters, no space at either end. Raises `INVALID_VALUE`."""
    if not _SKU.fullmatch(value):
        message = "A SKU is 1 to 64 printable ASCII characters without spaces at the ends."
        raise Rejected(ErrorCode.INVALID_VALUE, message, path=path or ("sku",))
    return value


def require_warehouse(value: str, *path: str) -> str:
    """1…32 letters, digits or underscores. Raises `INVALID_VALUE`."""
    if not _WAREHOUSE.fullmatch(value):
        message = "A warehouse id is 1 to 32 letters, digits or underscores."
        raise Rejected(ErrorCode.INVALID_VALUE, message, path=path or ("warehouseId",))
    return value


def require_tax_rate(rate_ppm: int, *path: str) -> int:
    """0…1,000,000 parts per million. Raises `INVALID_VALUE`."""
    if not 0 <= rate_ppm <= TAX_RATE_PPM_MAX:
        message = f"A tax rate is between 0 and {TAX_RATE_PPM_MAX:,} parts per million."
        raise Rejected(ErrorCode.INVALID_VALUE, message, path=path or ("taxRatePpm",))
    return rate_ppm


def require_country(value: str, *path: str) -> str:
    """An ISO 3166-1 alpha-2 code. Raises `INVALID_ADDRESS {field}`."""
    if value not in COUNTRIES:
        message = f"{value[:10]!r} is not an ISO 3166-1 alpha-2 country code."
        raise Rejected(
            ErrorCode.INVALID_ADDRESS, message, path=path or ("country",), field="country"
        )
    return value


def require_email(value: str, *path: str) -> str:
    """Something@something.something, ≤ 255 characters. Raises `INVALID_EMAIL`."""
    if len(value) > TEXT_LENGTH_MAX or not _EMAIL.fullmatch(value):
        raise Rejected(ErrorCode.INVALID_EMAIL, "This is not an e-mail address.", path=path)
    return value


def require_note(text: str) -> str:
    """1…4,000 characters. Raises `NOTE_REQUIRED`, `NOTE_TOO_LONG {max}`."""
    if not text.strip():
        raise Rejected(ErrorCode.NOTE_REQUIRED, "A note needs a text.", path=("text",))
    if len(text) > NOTE_LENGTH_MAX:
        message = f"A note has at most {NOTE_LENGTH_MAX:,} characters."
        raise Rejected(ErrorCode.NOTE_TOO_LONG, message, path=("text",), max=NOTE_LENGTH_MAX)
    return text


class PostalAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The personal part of an address: sealed before it reaches an event."""

    name: str
    line1: str
    line2: str | None = None
    city: str
    postcode: str | None = None
    phone: str | None = None
