"""A sandbox that outlives the server, as real gateways do: its ledger is a file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from orderlog.gateways.port import Answer, Charge, Declined, Failed, GatewayKey
from orderlog.gateways.sandbox import Operation, SandboxGateway


@dataclass
class RememberingSandbox(SandboxGateway):
    """Writes down each operation before it answers, and knows what others have written down."""

    journal: Path = Path("gateway.jsonl")
    _known_bytes: int = 0

    def __post_init__(self) -> None:
        self._catch_up()

    async def query(self, key: GatewayKey) -> Answer:
        self._catch_up()
        return await super().query(key)

    def _do(self, key: GatewayKey, charge: Charge) -> Answer:
        self._catch_up()
        if key not in self.ledger:
            self._write_down(msgspec.json.encode((str(key), charge)) + b"\n")
        return super()._do(key, charge)

    def _catch_up(self) -> None:
        """What was written since the last time, by whichever process."""
        self.journal.touch()
        with self.journal.open("rb") as journal:
            journal.seek(self._known_bytes)
            written = journal.read()
        self._known_bytes += len(written)
        for line in written.splitlines():
            key, charge = msgspec.json.decode(line, type=tuple[str, Charge])
            if (parsed := GatewayKey.parse(key)) not in self.ledger:
                super()._do(parsed, charge)

    def _write_down(self, line: bytes) -> None:
        """With one system call, so that no kill tears a line."""
        journal = os.open(self.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.write(journal, line)
        finally:
            os.close(journal)


def moved_by(ledger: Mapping[GatewayKey, Operation]) -> dict[GatewayKey, int]:
    """The minor units that each operation of a gateway has moved; refused ones moved none."""
    return {
        key: operation.charge.amount_minor
        for key, operation in ledger.items()
        if not isinstance(operation.answer, Declined | Failed)
    }
