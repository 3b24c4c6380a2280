"""`/health`: whether the database answers, and how far its readers are behind."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from orderlog import __version__
from orderlog_server.wiring import Platform

ANSWER_SECONDS_MAX: Final = 2.0

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
    report: dict[str, object] = {"version": __version__}
    kind = platform.store.location.kind
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            head = await asyncio.to_thread(platform.store.head)
            statuses = await platform.read_models.statuses()
    except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
        return report | {
            "status": "down",
            "database": {"kind": kind, "error": type(error).__name__},
        }
    projections = [
        {
            "name": status.name,
            "position": status.position,
            "lag": head - status.position,
            "error": status.error,
        }
        for status in statuses
    ]
    processes, reached = platform.processes, await platform.processes.reached()
    has_fault = processes.error is not None or any(one["error"] for one in projections)
    return report | {
        "status": "degraded" if has_fault else "ok",
        "database": {"kind": kind, "head": head},
        "projections": projections,
        "processes": {
            "position": reached,
            "lag": max(0, head - reached),
            "error": None if processes.error is None else str(processes.error),
        },
    }
