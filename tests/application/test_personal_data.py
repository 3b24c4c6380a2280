"""Names and addresses are noise without the person's key."""

import pytest

from orderlog.application.personal_data import PersonalData
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import PostalAddress, Sealed
from orderlog.eventstore.store import EventStore, open_store

HOME = PostalAddress(name="Ada Lovelace", line1="12 St James's Square", city="London")


def test_what_was_sealed_can_be_opened_also_after_a_restart(
    store: EventStore, database_url: str
) -> None:
    sealed = PersonalData(store).seal("person-1", HOME)
    restarted = open_store(database_url)
    assert PersonalData(restarted).open(sealed, PostalAddress) == HOME
    restarted.close()


def test_nothing_personal_is_readable_in_the_sealed_form(store: EventStore) -> None:
    sealed = PersonalData(store).seal("person-1", HOME)
    assert all(word not in repr(sealed) for word in ("Ada", "Lovelace", "London"))


def test_the_same_text_is_never_sealed_to_the_same_noise(store: EventStore) -> None:
    personal_data = PersonalData(store)
    assert personal_data.seal("person-1", HOME) != personal_data.seal("person-1", HOME)


def test_without_the_key_the_data_counts_as_erased(store: EventStore) -> None:
    stranger = Sealed("person-2", PersonalData(store).seal("person-1", HOME).ciphertext)
    with pytest.raises(Rejected) as refusal:
        PersonalData(store).open(stranger, PostalAddress)
    assert refusal.value.code is ErrorCode.SUBJECT_ERASED


def test_one_persons_data_cannot_be_passed_off_as_anothers(store: EventStore) -> None:
    personal_data = PersonalData(store)
    personal_data.seal("person-2", "x")
    moved = Sealed("person-2", personal_data.seal("person-1", HOME).ciphertext)
    with pytest.raises(Rejected) as refusal:
        personal_data.open(moved, PostalAddress)
    assert refusal.value.code is ErrorCode.SUBJECT_ERASED
