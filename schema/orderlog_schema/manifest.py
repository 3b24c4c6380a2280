"""A list of operations with their names: in Apollo's format, which clients and gateways read."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, print_ast

from orderlog_schema.execution.checking import mistakes, parsed
from orderlog_schema.execution.persisted import hash_of

FORMAT: Final = "apollo-persisted-query-manifest"
VERSION: Final = 1


class ManifestError(Exception):
    """No manifest, or an operation that cannot be in one; the message is one sentence."""


class Listed(msgspec.Struct, frozen=True):
    """An operation of a manifest: its name is the hash of its body, unless a build chose others."""

    id: str
    name: str
    type: str
    body: str


class Manifest(msgspec.Struct, frozen=True):
    format: str
    version: int
    operations: Sequence[Listed]

    @property
    def texts(self) -> Mapping[str, str]:
        return {one.id: one.body for one in self.operations}


def manifest_of(schema: GraphQLSchema, paths: Iterable[Path]) -> Manifest:
    """Of files with one operation each, or folders with such files. Raises `ManifestError`."""
    files = [file for path in paths for file in files_in(path)]
    return Manifest(FORMAT, VERSION, [listed(schema, file) for file in files])


def files_in(path: Path) -> Sequence[Path]:
    return sorted(path.rglob("*.graphql")) if path.is_dir() else [path]


def listed(schema: GraphQLSchema, file: Path) -> Listed:
    """As clients print it: without comments, in the layout of every GraphQL printer."""
    try:
        document = parsed(file.read_text("utf-8"))
        wrong = mistakes(schema, document)
    except (OSError, UnicodeError, GraphQLError) as error:
        raise ManifestError(f"{file}: {error}") from None
    operations = [o for o in document.definitions if isinstance(o, OperationDefinitionNode)]
    if wrong or len(operations) != 1 or operations[0].name is None:
        why = wrong[0].message if wrong else "a file holds one operation, with a name."
        raise ManifestError(f"{file}: {why}")
    body, operation = print_ast(document), operations[0]
    return Listed(hash_of(body), operations[0].name.value, operation.operation.value, body)


def read_manifest(path: Path) -> Manifest:
    """Raises `ManifestError`."""
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise ManifestError(f"The manifest {path} cannot be read: {error}") from None
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        raise ManifestError(f"The manifest {path} is not of the format {FORMAT}, version 1.")
    return manifest


def as_json_text(manifest: Manifest) -> str:
    """For people too."""
    return msgspec.json.format(msgspec.json.encode(manifest)).decode() + "\n"
