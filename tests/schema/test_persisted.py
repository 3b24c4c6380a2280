"""A document may be asked for by its name: by its hash, or as a manifest calls it."""

from pathlib import Path
from typing import Any, Final

import pytest
from graphql import GraphQLError

from orderlog_schema.execution.persisted import Persisted, Request, hash_of
from orderlog_schema.limits import DOCUMENT_CHARACTERS_MAX, PERSISTED_CHARACTERS_MAX
from orderlog_schema.manifest import ManifestError, as_json_text, manifest_of, read_manifest
from orderlog_schema.schema import build_schema

ASK: Final = "query Version { version }"
OTHER: Final = "query Head { head }"
OPERATIONS: Final = Path(__file__).parents[2] / "schema/operations"


def named(text: str, query: str | None = None) -> Request:
    """As Apollo's clients ask: by the hash of a text, with the text itself or without."""
    return Request(query, {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}})


def code(persisted: Persisted, request: Request, **how: bool) -> object:
    with pytest.raises(GraphQLError) as refused:
        persisted.resolve(request, **how)
    return (refused.value.extensions or {})["code"]


def test_without_a_name_the_text_is_the_text() -> None:
    assert Persisted().resolve(Request(ASK)) == ASK
    assert Persisted().resolve(Request(ASK, {"other": 1})) == ASK
    assert Persisted().resolve(Request()) is None


def test_a_text_that_came_once_with_its_hash_need_not_come_again() -> None:
    persisted = Persisted()
    assert code(persisted, named(ASK)) == "PERSISTED_QUERY_NOT_FOUND"
    assert persisted.resolve(named(ASK, ASK)) == ASK
    assert persisted.resolve(named(ASK)) == ASK
    assert persisted.resolve(Request(document_id=f"sha256:{hash_of(ASK)}")) == ASK


def test_clients_know_the_message() -> None:
    with pytest.raises(GraphQLError, match=r"^PersistedQueryNotFound$"):
        Persisted().resolve(named(ASK))


def test_a_name_that_is_not_that_of_its_text_is_refused_and_not_remembered() -> None:
    persisted = Persisted()
    assert code(persisted, named(ASK, OTHER)) == "BAD_USER_INPUT"
    assert code(persisted, named(ASK)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "name", [None, 1, {}, {"version": 2, "sha256Hash": "a"}, {"version": 1, "sha256Hash": 1}]
)
def test_a_name_of_another_shape_is_refused(name: Any) -> None:  # noqa: ANN401 - any JSON
    assert code(Persisted(), Request(ASK, {"persistedQuery": name})) == "BAD_USER_INPUT"


def test_what_is_remembered_is_bounded() -> None:
    persisted, size = Persisted(), DOCUMENT_CHARACTERS_MAX
    texts = [f"{n:0{size}}" for n in range(PERSISTED_CHARACTERS_MAX // size + 5)]
    for text in texts:
        persisted.resolve(named(text, text))
        assert persisted.resolve(named(texts[0])) == texts[0], "it is used all the time"
    assert code(persisted, named(texts[1])) == "PERSISTED_QUERY_NOT_FOUND"
    assert persisted.resolve(named(texts[-1])) == texts[-1]
    long = "x" * (size + 1)
    persisted.resolve(named(long, long))
    assert code(persisted, named(long)) == "PERSISTED_QUERY_NOT_FOUND"


def test_a_manifest_gives_names_beforehand() -> None:
    persisted = Persisted({"ask-1": ASK})
    for request in (Request(document_id="ask-1"), named(ASK), named(ASK, ASK)):
        assert persisted.resolve(request) == ASK
    assert persisted.resolve(Request(OTHER)) == OTHER


def test_an_allow_list_allows_nothing_else() -> None:
    persisted = Persisted({"ask-1": ASK}, only=True)
    for request in (Request(document_id="ask-1"), named(ASK), named(ASK, ASK), Request(ASK)):
        assert persisted.resolve(request) == ASK
    for request in (Request(OTHER), named(OTHER), named(OTHER, OTHER), Request(document_id="a")):
        assert code(persisted, request) == "OPERATION_NOT_ALLOWED"
    assert code(persisted, Request(OTHER, document_id="ask-1")) == "OPERATION_NOT_ALLOWED"


def test_where_only_names_are_taken_a_text_is_refused() -> None:
    persisted = Persisted({"ask-1": ASK}, get_by_name=True)
    assert persisted.resolve(Request(document_id="ask-1"), is_get=True) == ASK
    assert persisted.resolve(Request(OTHER)) == OTHER
    assert code(persisted, Request(ASK), is_get=True) == "OPERATION_NOT_ALLOWED"
    assert code(persisted, named(ASK, ASK), is_get=True) == "OPERATION_NOT_ALLOWED"


def test_a_manifest_of_the_examples_can_be_read_again(tmp_path: Path) -> None:
    manifest = manifest_of(build_schema().graphql, [OPERATIONS])
    assert {one.name for one in manifest.operations} == {one.stem for one in OPERATIONS.iterdir()}
    assert {one.type for one in manifest.operations} == {"query", "mutation", "subscription"}
    for one in manifest.operations:
        assert one.id == hash_of(one.body)
        assert "#" not in one.body
    path = tmp_path / "manifest.json"
    path.write_text(as_json_text(manifest))
    assert read_manifest(path) == manifest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{ version }", "a file holds one operation, with a name"),
        ("query A { version } query B { head }", "a file holds one operation, with a name"),
        ("query A { versiom }", "Cannot query field 'versiom'"),
        ("query A {", "Syntax Error"),
    ],
)
def test_what_cannot_run_gets_no_name(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "A.graphql"
    file.write_text(text)
    with pytest.raises(ManifestError, match=why):
        manifest_of(build_schema().graphql, [file])


@pytest.mark.parametrize(
    "text", ["", "{}", '{"format": "other", "version": 1, "operations": []}', "[1]"]
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ManifestError, match=str(path)):
        read_manifest(path)
