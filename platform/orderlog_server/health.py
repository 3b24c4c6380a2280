"""`/health`: whether the database answers, and how far its readers are behind."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from orderlog import __version__
from orderlog_server.observability.state import State, state_of
from orderlog_server.wiring import Platform

Endpoint = Callable[[Request], Awaitable[JSONResponse]]


def make_health(platform: Platform) -> Endpoint:
    async def health(_: Request) -> JSONResponse:
        report = await health_of(platform)
        is_well = report["status"] == "ok"
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(report, status, headers={"cache-control": "no-store"})

    return health


async def health_of(platform: Platform) -> dict[str, object]:
    """`status` is `ok`, `degraded` (a reader has stopped) or `down` (no database)."""
    kind = platform.store.location.kind
    try:
        state = await state_of(platform)
    except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
        database = {"kind": kind, "error": type(error).__name__}
        return {"version": __version__, "status": "down", "database": database}
    return {
        "version": __version__,
        "status": "degraded" if state.has_fault else "ok",
        "database": {"kind": kind, "head": state.head},
        **_readers(state),
    }


def _readers(state: State) -> dict[str, object]:
    processes = state.processes
    return {
        "projections": [
            {
                "name": one.name,
                "position": one.position,
                "lag": one.lag,
                "lagSeconds": round(one.lag_seconds, 3),
                "parkedKeys": one.parked_keys,
                "error": one.error,
            }
            for one in state.projections
        ],
        "processes": {
            "position": processes.position,
            "lag": processes.lag,
            "lagSeconds": round(processes.lag_seconds, 3),
            "inFlight": processes.in_flight,
            "error": processes.error,
        },
    }
