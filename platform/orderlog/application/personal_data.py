"""Personal data in events is sealed with a key per person: without the key it is noise.

AES-256-GCM; the person's id is bound to the ciphertext, so that one person's data cannot be
passed off as another's.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from threading import Lock
from typing import Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import Sealed
from orderlog.eventstore.store import EventStore

T = TypeVar("T")

NONCE_BYTES: Final = 12
KEY_BITS: Final = 256
KEYS_KEPT_MAX: Final = 10_000


class PersonalData:
    """Seals and opens. Thread-safe; keeps recently used keys in memory."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._ciphers: dict[str, AESGCM] = {}
        self._lock = Lock()

    def has_key(self, subject_id: str) -> bool:
        """Whether a person's key is at hand, so that to seal or open takes microseconds."""
        return subject_id in self._ciphers

    def seal(self, subject_id: str, value: object) -> Sealed:
        """Encrypts what msgspec can encode; a person's first sealing makes their key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = self._cipher(subject_id) or self._make_key(subject_id)
        encrypted = cipher.encrypt(nonce, msgspec.json.encode(value), subject_id.encode())
        return Sealed(subject_id, urlsafe_b64encode(nonce + encrypted).decode())

    def open(self, sealed: Sealed, as_type: type[T]) -> T:
        """Raises `SUBJECT_ERASED` where the person's key is gone, or is not this data's key."""
        raw, subject_id = urlsafe_b64decode(sealed.ciphertext), sealed.subject_id
        cipher = self._cipher(subject_id)
        try:
            if cipher is not None:
                clear = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], subject_id.encode())
                return msgspec.json.decode(clear, type=as_type)
        except InvalidTag:
            pass
        raise Rejected(ErrorCode.SUBJECT_ERASED, "The data of this person was erased.")

    def _cipher(self, subject_id: str) -> AESGCM | None:
        cipher = self._ciphers.get(subject_id)
        if cipher is None:
            key = self._store.subject_key(subject_id)
            cipher = None if key is None else self._remember(subject_id, key)
        return cipher

    def _make_key(self, subject_id: str) -> AESGCM:
        key = urlsafe_b64encode(AESGCM.generate_key(KEY_BITS)).decode()
        return self._remember(subject_id, self._store.keep_subject_key(subject_id, key))

    def _remember(self, subject_id: str, key: str) -> AESGCM:
        cipher = AESGCM(urlsafe_b64decode(key))
        with self._lock:
            if len(self._ciphers) >= KEYS_KEPT_MAX:
                self._ciphers.clear()
            self._ciphers[subject_id] = cipher
        return cipher
