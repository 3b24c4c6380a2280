"""What cannot be opened is refused with one sentence that says cause and remedy."""

import sqlite3
from pathlib import Path

import pytest

from orderlog.eventstore.errors import StoreMisconfigured, StoreUnavailable
from orderlog.eventstore.store import open_store
from orderlog.eventstore.urls import PostgresLocation, SqliteLocation, parse_url


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("sqlite:///orderlog.db", SqliteLocation(Path("orderlog.db"))),
        ("sqlite:////var/shop/log.db", SqliteLocation(Path("/var/shop/log.db"))),
        (
            "postgresql://ada:pass%20word@db.example:5433/shop",
            PostgresLocation("db.example", 5433, "shop", "ada", "pass word"),
        ),
        (
            "postgresql://postgres@/shop?host=/run/postgresql",
            PostgresLocation("/run/postgresql", 5432, "shop", "postgres", ""),
        ),
    ],
)
def test_one_url_chooses_the_database(url: str, location: object) -> None:
    assert parse_url(url) == location


@pytest.mark.parametrize(
    "url",
    ["", "orderlog.db", "mysql://host/shop", "sqlite://", "sqlite:///:memory:", "postgresql://h"],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StoreMisconfigured):
        parse_url(url)


def test_a_url_that_is_refused_is_shown_without_its_password() -> None:
    with pytest.raises(StoreMisconfigured) as refusal:
        parse_url("mysql://ada:secret@host/shop")
    assert "secret" not in str(refusal.value)
    assert "secret" not in repr(parse_url("postgresql://ada:secret@host/shop"))


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened for writing"):
        open_store(f"sqlite:///{tmp_path}/missing/orderlog.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "orderlog.db"
    path.write_text("once upon a time there was a text file " * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{path}")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreUnavailable, match="check that it runs"):
        open_store("postgresql://postgres@127.0.0.1:1/shop")


def test_a_database_that_is_not_there(postgres_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        open_store(postgres_url.replace("/orderlog_", "/nowhere_"))


def test_database_functions_that_lose_events_are_refused(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    with pytest.raises(StoreMisconfigured, match="readers skip"):
        open_store(sqlite_url)


def test_every_commit_reaches_the_disk(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.recorder.cursor(commit=False) as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2  # FULL
    store.close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
