"""Operations by name: a client sends the hash of a text instead of the text.

Two ways in: the operator's manifest, which may be an allow-list, and automatic persisted queries,
where a client sends a text with its hash once and the hash alone from then on.
"""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from graphql import GraphQLError

from orderlog_schema.faults import BAD_USER_INPUT
from orderlog_schema.limits import DOCUMENT_CHARACTERS_MAX, PERSISTED_CHARACTERS_MAX

NOT_FOUND: Final = "PERSISTED_QUERY_NOT_FOUND"
NOT_ALLOWED: Final = "OPERATION_NOT_ALLOWED"
HASH_PREFIX: Final = "sha256:"
"""Of a `documentId` that is the hash of its text."""


class Request(NamedTuple):
    """What of a request says which document is wanted."""

    query: str | None = None
    extensions: Mapping[str, Any] | None = None
    document_id: str | None = None


class Persisted:
    """The documents that have a name.

    `only` those of the manifest may run, if so wished; and what comes by GET may be asked for
    `by_name` only, so that addresses are short and can be kept.
    """

    def __init__(
        self,
        manifest: Mapping[str, str] | None = None,
        *,
        only: bool = False,
        get_by_name: bool = False,
    ) -> None:
        texts = manifest or {}
        self._manifest = {hash_of(text): text for text in texts.values()} | dict(texts)
        self._only = only
        self._get_by_name = get_by_name
        self._sent: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def resolve(self, request: Request, *, is_get: bool = False) -> str | None:
        """The text of the document; None where the request has neither text nor name.

        Raises `GraphQLError`: `PERSISTED_QUERY_NOT_FOUND`, `OPERATION_NOT_ALLOWED`,
        `BAD_USER_INPUT` for a name that is no name, or not that of the text.
        """
        name = name_in(request)
        text = request.query or None
        if text is not None and is_get and self._get_by_name:
            raise refused(NOT_ALLOWED, "By GET a document is asked for by its persisted name only.")
        if self._only:
            return self._allowed(name, text)
        if name is None:
            return text
        return self._found(name) if text is None else self._kept(name, text)

    def _allowed(self, name: str | None, text: str | None) -> str | None:
        if name is None and text is None:
            return None
        listed = self._manifest.get(hash_of(text) if text is not None else name or "")
        if listed is None:
            raise refused(NOT_ALLOWED, "Only the operations of the manifest are allowed here.")
        return listed

    def _found(self, name: str) -> str:
        text = self._manifest.get(name) or self._sent.get(name)
        if text is None:
            raise refused(NOT_FOUND, "PersistedQueryNotFound")  # the words that clients look for
        if name in self._sent:
            self._sent.move_to_end(name)
        return text

    def _kept(self, name: str, text: str) -> str:
        """Remembers a text that came with its hash."""
        if self._manifest.get(name) != text and name != hash_of(text):
            raise refused(BAD_USER_INPUT, "The hash is not that of the `query`.")
        if name not in self._sent and len(text) <= DOCUMENT_CHARACTERS_MAX:
            self._sent[name] = text
            self._characters += len(text)
            while self._characters > PERSISTED_CHARACTERS_MAX:
                _, forgotten = self._sent.popitem(last=False)
                self._characters -= len(forgotten)
        return text


def name_in(request: Request) -> str | None:
    """The name of a document: its id, or its SHA-256 in hexadecimal digits."""
    if request.document_id is not None:
        return request.document_id.removeprefix(HASH_PREFIX)
    match request.extensions:
        case {"persistedQuery": {"version": 1, "sha256Hash": str(name)}}:
            return name
        case {"persistedQuery": _}:
            message = "A persisted query is named by `version: 1` and its `sha256Hash`."
            raise refused(BAD_USER_INPUT, message)
        case _:
            return None


def hash_of(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def refused(code: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
