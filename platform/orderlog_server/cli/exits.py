"""How a command ends: documented exit codes, and one sentence instead of a traceback."""

import errno
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import typer


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    DATABASE = 3
    PORT_TAKEN = 4
    DIFFERENT = 5
    INTERRUPTED = 130


EXIT_CODES: Final = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 database unavailable, "
    "4 port taken, 5 a rebuilt read model differs, 130 interrupted."
)


class Failed(Exception):
    """A command could not do what was asked. The message says cause and remedy."""

    def __init__(self, sentence: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def explain(error: Exception) -> tuple[ExitCode, str]:
    """The exit code and the sentence for whatever went wrong."""
    inner: Sequence[Exception] = getattr(error, "exceptions", ())
    if len(inner) == 1:  # a group of tasks, and one of them failed
        return explain(inner[0])
    if isinstance(error, Failed):
        return error.code, str(error)
    if isinstance(error, typer.TyperException):
        return ExitCode.USAGE, _usage(error)
    return _explain_ours(error) or _explain_system(error)


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "orderlog"
    message = error.format_message().strip().rstrip(".")
    return f"{message}; see `{command} --help`."


def _explain_ours(error: Exception) -> tuple[ExitCode, str] | None:
    from orderlog.domain.rejections import Rejected
    from orderlog.eventstore.errors import StoreError, StoreMisconfigured
    from orderlog_projections.database import TablesInUse
    from orderlog_projections.rebuild import NeverLevel
    from orderlog_projections.runner import ProjectionStopped
    from orderlog_server.auth.revocations import RevocationsUnreadable
    from orderlog_server.listening import PortTaken
    from orderlog_server.settings import SettingsError

    if isinstance(error, RevocationsUnreadable | SettingsError | StoreMisconfigured):
        return ExitCode.USAGE, str(error)
    if isinstance(error, StoreError):
        return ExitCode.DATABASE, str(error)
    if isinstance(error, PortTaken):
        return ExitCode.PORT_TAKEN, str(error)
    if isinstance(error, NeverLevel | ProjectionStopped | Rejected | TablesInUse):
        return ExitCode.FAILED, str(error)
    return None


def _explain_system(error: Exception) -> tuple[ExitCode, str]:
    if isinstance(error, FileNotFoundError) and error.filename:
        return ExitCode.FAILED, f"There is no file {error.filename}; check its name."
    if isinstance(error, OSError) and error.errno is not None:
        about = f" ({error.filename})" if error.filename else ""
        cause = f"{error.strerror or errno.errorcode.get(error.errno, error)}{about}"
        return ExitCode.FAILED, f"The system refused: {cause}; mend that and try again."
    kind = type(error).__name__
    return (
        ExitCode.FAILED,
        f"Something unexpected went wrong ({kind}: {error}); `orderlog --debug …` tells all of it.",
    )
