"""Keys that an identity provider publishes at a URL: fetched seldom, never by every request."""

import asyncio
import time
from http import HTTPStatus
from typing import Final

import structlog

from orderlog_server.auth.keys import Keys, KeysUnusable, TrustedKey, published_keys
from orderlog_server.settings import is_loopback_url

FETCH_SECONDS_MAX: Final = 5.0
FETCH_BYTES_MAX: Final = 256 * 1024
FRESH_SECONDS: Final = 300.0
"""So long nobody asks whether there are others, and a key that was taken back still counts."""
STALE_SECONDS_MAX: Final = 3_600.0
"""So long keys count after the last time that they were seen."""
PAUSE_SECONDS: Final = 10.0
"""Between two fetches, however many tokens name a key that is not known."""

log = structlog.get_logger()


class PublishedKeys:
    """Keys by a URL: of https, or http on loopback."""

    def __init__(self, url: str, issuer: str) -> None:
        self._url = url
        self._issuer = issuer
        self._keys: Keys = {}
        self._seen_at = -STALE_SECONDS_MAX
        self._asked_at = -PAUSE_SECONDS
        self._fetching: asyncio.Task[None] | None = None

    @property
    def keys(self) -> Keys:
        """Those that were seen last, while others are perhaps being fetched."""
        age = time.monotonic() - self._seen_at
        if age >= STALE_SECONDS_MAX:
            self._keys = {}
        if age >= FRESH_SECONDS:
            self._fetch_soon()
        return self._keys

    async def find(self, key_id: str) -> TrustedKey | None:
        """Waits for a fetch only where the key is not known."""
        known = self.keys.get(key_id)
        if known is None and (fetching := self._fetch_soon()) is not None:
            await asyncio.shield(fetching)
            known = self._keys.get(key_id)
        return known

    def _fetch_soon(self) -> asyncio.Task[None] | None:
        """The fetch under way, or a new one if the last is long enough ago."""
        now = time.monotonic()
        if self._fetching is None and now - self._asked_at >= PAUSE_SECONDS:
            self._asked_at = now
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return self._fetching

    def _fetched(self, _: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        try:
            self._keys = published_keys(await fetched(self._url), self._issuer)
            self._seen_at = time.monotonic()
        except Exception as error:  # noqa: BLE001 - whatever it is, the keys at hand count on
            log.warning("keys_not_fetched", url=self._url, error=f"{type(error).__name__}: {error}")


async def fetched(url: str) -> bytes:
    """What is at the URL itself: no redirect is followed. Raises `KeysUnusable` and others."""
    import httpx2  # noqa: PLC0415 - takes a tenth of a second, and few need it

    content = bytearray()
    client = httpx2.AsyncClient(timeout=FETCH_SECONDS_MAX, trust_env=not is_loopback_url(url))
    async with asyncio.timeout(FETCH_SECONDS_MAX), client, client.stream("GET", url) as answer:
        if answer.status_code != HTTPStatus.OK:
            message = f"it answered {answer.status_code}."
            raise KeysUnusable(message)
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > FETCH_BYTES_MAX:
                message = f"it has more than {FETCH_BYTES_MAX:,} bytes."
                raise KeysUnusable(message)
    return bytes(content)
