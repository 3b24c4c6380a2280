"""Our recorders are the library's: its applications can use them, by its own setting."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent
from psycopg.conninfo import conninfo_to_dict

from orderlog.eventstore.postgres import GroupPostgresRecorder
from orderlog.eventstore.recorder import AppendUnit
from orderlog.eventstore.sqlite import GroupSQLiteRecorder
from orderlog.eventstore.store import open_store


class Item(Aggregate):
    """What the library's documentation would write for a stock item."""

    @event("Registered")
    def __init__(self) -> None:
        self.on_hand = 0

    @event("Received")
    def receive(self, quantity: int) -> None:
        self.on_hand += quantity


@pytest.fixture(params=["sqlite", "postgres"])
def application(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str
) -> Iterator[Application[UUID]]:
    name = request.param
    recorder: type = {"sqlite": GroupSQLiteRecorder, "postgres": GroupPostgresRecorder}[name]
    where = conninfo_to_dict(postgres_url)
    application = Application[UUID](
        env={
            "PERSISTENCE_MODULE": f"eventsourcing.{name}",
            "APPLICATION_RECORDER_TOPIC": f"{recorder.__module__}:{recorder.__name__}",
            "SQLITE_DBNAME": str(tmp_path / "items.db"),
            "POSTGRES_DBNAME": str(where["dbname"]),
            "POSTGRES_HOST": str(where["host"]),
            "POSTGRES_PORT": "5432",
            "POSTGRES_USER": str(where["user"]),
            "POSTGRES_PASSWORD": "",
        }
    )
    assert type(application.recorder).__name__ == recorder.__name__
    yield application
    application.close()


def test_an_application_of_the_library_saves_and_loads(application: Application[UUID]) -> None:
    item = Item()
    item.receive(2)
    application.save(item)
    item.receive(3)
    application.save(item)
    loaded: Item = application.repository.get(item.id)
    assert loaded.on_hand == 5
    notified = application.notification_log.select(start=1, limit=10)
    assert [one.originator_version for one in notified] == [1, 2, 3]


def test_a_stale_aggregate_is_refused_as_the_library_refuses_it(
    application: Application[UUID],
) -> None:
    item = Item()
    application.save(item)
    stale: Item = application.repository.get(item.id)
    item.receive(1)
    application.save(item)
    stale.receive(1)
    with pytest.raises(IntegrityError):
        application.save(stale)


def test_what_the_library_inserts_and_what_we_append_are_one_log(database_url: str) -> None:
    with closing(open_store(database_url)) as store:
        recorder = store.recorder
        assert isinstance(recorder, ApplicationRecorder)
        first = recorder.insert_events([StoredEvent("a", 1, "Topic", b"{}")])
        (second,) = recorder.append([AppendUnit([StoredEvent("a", 2, "Topic", b"{}")])])
        (taken,) = recorder.append([AppendUnit([StoredEvent("a", 1, "Topic", b"{ }")])])
        assert first is not None
        assert second is not None
        assert [*first] < [*second]
        assert taken is None
        assert [e.originator_version for e in recorder.select_events("a")] == [1, 2]
