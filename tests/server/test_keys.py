"""Keys come and go while the server runs, and so do those whose tokens count no more."""

import asyncio
import json
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import time_machine
from starlette.datastructures import Headers

from orderlog_schema.principals import Principal
from orderlog_server.auth import authentication as asking_module
from orderlog_server.auth import published as publishing
from orderlog_server.auth import watched
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.keys import make_local_key
from orderlog_server.auth.opening import open_authentication
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.auth.revocations import RevocationsUnreadable
from orderlog_server.auth.tokens import SKEW_SECONDS
from orderlog_server.settings import SettingsError, load_settings
from tests.support import crew
from tests.support.program import Program
from tests.support.tokens import ISSUER, Signer, published

TOLD_SECONDS_MAX = 5.0


@dataclass
class Provider:
    """Publishes keys on loopback, and counts who asks."""

    url: str = ""
    keys: bytes = b""
    status: int = 200
    asked: int = 0
    hurry: threading.Event = field(default_factory=threading.Event)
    """Not set: every answer waits for it."""

    def publish(self, *signers: Signer) -> None:
        self.keys = published(*signers)


@contextmanager
def serving(provider: Provider) -> Generator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            provider.hurry.wait(20)
            self.send_response(provider.status)
            if provider.status == 302:
                self.send_header("location", f"{provider.url}/elsewhere")
            self.send_header("content-length", str(len(provider.keys)))
            self.end_headers()
            self.wfile.write(provider.keys)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            """Nobody wants to read it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        provider.hurry.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def signers() -> Sequence[Signer]:
    """Keys take a while to make."""
    return Signer.rsa("first"), Signer.elliptic("second"), Signer.elliptic("third")


@pytest.fixture
def provider(signers: Sequence[Signer]) -> Iterator[Provider]:
    provider = Provider()
    provider.publish(*signers[:2])
    provider.hurry.set()
    with serving(provider):
        yield provider


def asking(folder: Path, **given: object) -> Authentication:
    common = {"database_url": f"sqlite:///{folder}/log.db", "token_issuer": ISSUER}
    return open_authentication(load_settings(**(common | given)))


async def who(authentication: Authentication, token: str) -> Principal:
    return await authentication.principal_of(Headers({"authorization": f"Bearer {token}"}))


async def is_refused(authentication: Authentication, token: str) -> bool:
    try:
        await who(authentication, token)
    except Unauthenticated:
        return True
    return False


async def test_keys_at_a_url_are_fetched_once(
    tmp_path: Path, provider: Provider, signers: Sequence[Signer]
) -> None:
    authentication = asking(tmp_path, jwks_url=provider.url)
    tokens = [signer.token() for signer in signers[:2] for _ in range(10)]
    principals = await asyncio.gather(*(who(authentication, token) for token in tokens))
    assert {principal.id for principal in principals} == {"ada"}
    assert provider.asked == 1


def test_a_real_server_fetches_them_too(
    orderlog: Program, provider: Provider, signers: Sequence[Signer]
) -> None:
    given = {"AUTH": "token", "JWKS_URL": provider.url, "TOKEN_ISSUER": ISSUER}
    variables = {f"ORDERLOG_{name}": value for name, value in given.items()}
    with crew.serving(orderlog, "sqlite:///log.db", **variables) as server:
        for signer, status in zip(signers, (200, 200, 401), strict=True):
            headers = {"authorization": f"Bearer {signer.token()}"}
            answer = server.http.post("/graphql", json={"query": "{ head }"}, headers=headers)
            assert answer.status_code == status


async def test_unknown_keys_are_asked_for_seldom(
    tmp_path: Path, provider: Provider, signers: Sequence[Signer]
) -> None:
    authentication = asking(tmp_path, jwks_url=provider.url)
    tokens = [signers[0].token({"kid": f"unknown-{number}"}) for number in range(100)]
    assert all([await is_refused(authentication, token) for token in tokens])
    assert provider.asked == 1


async def test_a_new_key_is_found_when_a_token_names_it(
    tmp_path: Path,
    provider: Provider,
    signers: Sequence[Signer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 0.0)
    authentication = asking(tmp_path, jwks_url=provider.url)
    assert await is_refused(authentication, signers[2].token())
    provider.publish(*signers)
    assert not await is_refused(authentication, signers[2].token())


async def test_a_key_that_is_withdrawn_counts_no_more(
    tmp_path: Path,
    provider: Provider,
    signers: Sequence[Signer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 0.0)
    authentication = asking(tmp_path, jwks_url=provider.url)
    token = signers[0].token()
    assert not await is_refused(authentication, token)
    provider.publish(signers[1])
    assert not await is_refused(authentication, token), "they are fresh: nobody asks again"
    monkeypatch.setattr(publishing, "FRESH_SECONDS", 0.0)
    async with asyncio.timeout(TOLD_SECONDS_MAX):
        while not await is_refused(authentication, token):  # noqa: ASYNC110 - it asks by itself
            await asyncio.sleep(0.01)


async def test_a_provider_that_is_slow_holds_nobody_up_whose_key_is_known(
    tmp_path: Path,
    provider: Provider,
    signers: Sequence[Signer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(publishing, "FETCH_SECONDS_MAX", 0.5)
    authentication = asking(tmp_path, jwks_url=provider.url)
    assert not await is_refused(authentication, signers[0].token())
    provider.hurry.clear()
    waiting = asyncio.create_task(is_refused(authentication, signers[2].token()))
    while provider.asked < 2:  # noqa: ASYNC110 - it is another thread
        await asyncio.sleep(0.01)
    assert not await is_refused(authentication, signers[0].token())
    assert not waiting.done()
    assert await waiting, "and who waits does not wait for ever"
    provider.hurry.set()


@pytest.mark.parametrize(
    ("status", "keys"),
    [(500, b""), (302, b""), (200, b"<html>"), (200, b'{"keys": []}'), (200, b" " * 300_000)],
    ids=["broken", "elsewhere", "no keys at all", "no keys", "endless"],
)
async def test_a_provider_that_fails_changes_nothing(
    tmp_path: Path,
    provider: Provider,
    signers: Sequence[Signer],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    keys: bytes,
) -> None:
    monkeypatch.setattr(publishing, "PAUSE_SECONDS", 0.0)
    authentication = asking(tmp_path, jwks_url=provider.url)
    assert not await is_refused(authentication, signers[0].token())
    provider.status, provider.keys = status, keys
    assert await is_refused(authentication, signers[2].token())
    assert provider.asked == 2, "a redirect is not followed"
    assert not await is_refused(authentication, signers[0].token())


async def test_keys_that_were_not_seen_for_long_count_no_more(
    tmp_path: Path,
    provider: Provider,
    signers: Sequence[Signer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authentication = asking(tmp_path, jwks_url=provider.url)
    token = signers[0].token()
    assert not await is_refused(authentication, token)
    monkeypatch.setattr(publishing, "STALE_SECONDS_MAX", 0.0)
    assert await is_refused(authentication, token)


async def test_keys_in_a_file_are_exchanged_while_the_server_runs(
    tmp_path: Path, signers: Sequence[Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "LOOK_EVERY_SECONDS", 0.0)
    first, second, _ = signers
    path = tmp_path / "keys.json"
    path.write_bytes(published(first))
    authentication = asking(tmp_path, jwks_file=path)
    old, new = first.token(), second.token()
    assert not await is_refused(authentication, old)
    assert await is_refused(authentication, new)
    path.write_bytes(published(second))
    assert await is_refused(authentication, old), "although it was checked before"
    assert not await is_refused(authentication, new)
    path.write_bytes(b"half a fi")
    assert not await is_refused(authentication, new)


async def test_a_new_key_of_our_own_ends_the_tokens_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "LOOK_EVERY_SECONDS", 0.0)
    path = tmp_path / "log-token-key.json"
    make_local_key(path)
    authentication = asking(tmp_path)
    token = Signer.local(path).token()
    assert not await is_refused(authentication, token)
    path.unlink()
    make_local_key(path)
    assert await is_refused(authentication, token)


@pytest.mark.parametrize(
    "revocations",
    [{"tokens": ["old"]}, {"subjects": {"ada": "2026-11-23T12:00:00Z"}}],
    ids=["a token", "whatever a subject has"],
)
async def test_what_is_revoked_is_refused_within_seconds(
    tmp_path: Path, revocations: object
) -> None:
    make_local_key(tmp_path / "log-token-key.json")
    authentication = asking(tmp_path)
    signer = Signer.local(tmp_path / "log-token-key.json")
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=True):
        old = signer.token(jti="old", iat=noon.timestamp() - 1, exp=noon.timestamp() + 600)
        principal = await who(authentication, old)
        assert authentication.is_current(principal)
        write(tmp_path / "log-revocations.json", revocations)
        async with asyncio.timeout(TOLD_SECONDS_MAX):
            while authentication.is_current(principal):  # noqa: ASYNC110 - it watches a file
                await asyncio.sleep(0.05)
        assert await is_refused(authentication, old)
        for newer in (signer.token(), signer.token(sub="eve")):
            assert authentication.is_current(await who(authentication, newer))


async def test_nobody_is_current_when_their_time_is_over(tmp_path: Path) -> None:
    make_local_key(tmp_path / "log-token-key.json")
    authentication = asking(tmp_path)
    token = Signer.local(tmp_path / "log-token-key.json").token()
    with time_machine.travel(time.time(), tick=False) as clock:
        principal = await who(authentication, token)
        clock.shift(900 + SKEW_SECONDS - 2)
        assert authentication.is_current(await who(authentication, token))
        clock.shift(3)
        assert not authentication.is_current(principal)
        assert await is_refused(authentication, token)


async def test_only_so_many_tokens_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_module, "VERIFIED_TOKENS_MAX", 3)
    make_local_key(tmp_path / "log-token-key.json")
    authentication = asking(tmp_path)
    signer = Signer.local(tmp_path / "log-token-key.json")
    first = await who(authentication, token := signer.token())
    assert await who(authentication, token) is first, "it is checked once"
    for _ in range(5):
        await who(authentication, signer.token())
    assert await who(authentication, token) is not first


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "There is no key to check tokens with"),
        ({"jwks_url": "http://id.example/keys"}, "keys come by https"),
        ({"jwks_url": "file:///etc/passwd"}, "keys come by https"),
        ({"jwks_url": "https://id.example/keys", "token_issuer": None}, "ORDERLOG_TOKEN_ISSUER"),
        ({"token_issuer": "orderlog"}, "that is what our own tokens say"),
        ({"jwks_file": "nowhere.json"}, "cannot be read"),
        ({"jwks_file": "empty.json"}, "no JWK Set"),
        ({"jwks_file": "weak.json"}, "none of its 2 keys"),
        ({"jwks_file": "own.json"}, "no JWK Set"),
        ({"token_key_file": "weak.json"}, "no JSON Web Key"),
        ({"token_key_file": "short.json"}, "at least 32 bytes"),
        ({"token_key_file": "own.json", "revocations_file": "empty.json"}, "revocations in"),
    ],
)
def test_keys_that_cannot_be_used_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, object], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make_local_key(tmp_path / "own.json")
    own = json.loads((tmp_path / "own.json").read_text())
    weak = json.loads(published(Signer.weak()))["keys"]
    write(tmp_path / "short.json", own | {"k": "c2hvcnQgYnV0IG5vdCB0b28gc2hvcnQ"})
    write(tmp_path / "weak.json", {"keys": [*weak, own]})
    (tmp_path / "empty.json").touch()
    with pytest.raises((SettingsError, RevocationsUnreadable), match=said) as caught:
        asking(tmp_path, **given)
    assert own["k"] not in str(caught.value)


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.json"
    assert make_local_key(path)
    before = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not make_local_key(path), "nor is it ever written over"
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))
