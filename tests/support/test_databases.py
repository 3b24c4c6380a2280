"""The databases that other tests stand on: real, empty, and each test's own."""

import sqlite3

import psycopg
import pytest


def add_visitor(url: str) -> int:
    """Creates the table of visitors, which fails where it exists, and counts its rows."""
    connection = (
        sqlite3.connect(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite")
        else psycopg.connect(url)
    )
    with connection:
        connection.execute("CREATE TABLE visitors (name TEXT)")
        connection.execute("INSERT INTO visitors VALUES ('Ada')")
        row = connection.execute("SELECT count(*) FROM visitors").fetchone()
    connection.close()
    assert row is not None
    count: int = row[0]
    return count


@pytest.mark.parametrize("visit", ["first", "second"])
def test_nobody_was_here_before(database_url: str, visit: str) -> None:
    assert add_visitor(database_url) == 1, f"{visit} test found what another left"


def test_both_kinds_at_once(sqlite_url: str, postgres_url: str) -> None:
    assert [add_visitor(sqlite_url), add_visitor(postgres_url)] == [1, 1]
