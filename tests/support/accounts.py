"""What a process costs: its time on a processor, and the most memory it held."""

from pathlib import Path

from tests.support.machine import lacking


class Account:
    """Of one process, since it was opened or last asked."""

    def __init__(self, process_id: int) -> None:
        self._folder = Path(f"/proc/{process_id}")
        if not (self._folder / "schedstat").exists():
            lacking("only Linux says what another process costs")
        self._busy = self._busy_ns()
        self._held = self._begin_memory()

    def spent(self) -> tuple[float, float]:
        """Milliseconds on a processor, and megabytes held at the worst moment beyond the first."""
        busy, most = self._busy_ns(), self._status("VmHWM")
        answer = (busy - self._busy) / 1e6, (most - self._held) / 1024
        self._busy, self._held = busy, self._begin_memory()
        return answer

    def _busy_ns(self) -> int:
        """Of all its threads."""
        tasks = (self._folder / "task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def _begin_memory(self) -> int:
        """Kilobytes held now; the highest mark begins here."""
        (self._folder / "clear_refs").write_text("5")  # proc(5): resets VmHWM
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        lines = (self._folder / "status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
