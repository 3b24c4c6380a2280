"""The web application: what is answered at which path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from orderlog_schema.execution.answers import Answers
from orderlog_schema.schema import build_schema
from orderlog_server.auth.opening import open_authentication
from orderlog_server.auth.operators import for_operators
from orderlog_server.exports import Exports
from orderlog_server.graphql import GraphQLView, Patience
from orderlog_server.health import make_health
from orderlog_server.manifests import open_persisted
from orderlog_server.observability.exposition import make_metrics
from orderlog_server.protection import Admission, Protection
from orderlog_server.settings import is_loopback
from orderlog_server.sockets.endpoint import SocketEndpoint
from orderlog_server.sockets.executing import Executor
from orderlog_server.sockets.hall import Hall
from orderlog_server.sockets.limits import limits_of
from orderlog_server.web import web_routes
from orderlog_server.wiring import Platform

GRAPHQL_PATH: Final = "/graphql"


@dataclass(frozen=True, slots=True)
class Entrance:
    """The way in: to GraphQL without a detour, to all else by its path."""

    graphql: ASGIApp
    sockets: ASGIApp
    others: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != GRAPHQL_PATH:
            await self.others(scope, receive, send)
        elif scope["type"] == "http":
            await self.graphql(scope, receive, send)
        else:
            await self.sockets(scope, receive, send)


def make_app(platform: Platform, further: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The API over HTTP and WebSocket, probes, `further` routes, the web UI at every other path.

    Raises `SettingsError` where tokens are wanted and cannot be checked, and for a manifest that
    cannot be read.
    """
    authentication = open_authentication(platform.settings)
    settings = platform.settings
    patience = Patience(settings.operation_seconds_max, settings.stream_heartbeat_seconds)
    executor = build_schema(is_revealing=not settings.production).executor
    executor.answers = Answers(settings.answer_seconds_max)
    graphql = GraphQLView(
        platform.context_for,
        authentication,
        platform.metrics.operation_answered,
        patience,
        open_persisted(settings),
        executor,
    )
    hall = make_hall(platform, graphql)
    metrics = make_metrics(platform, graphql, hall)
    if not is_loopback(platform.settings.host):
        metrics = for_operators(metrics, authentication)
    others = Starlette(
        routes=[
            *Exports(platform.context_for, authentication).routes,
            Route("/health", make_health(platform)),
            Route("/metrics", metrics),
            *further,
            *web_routes(),
        ]
    )
    entrance = Entrance(graphql, SocketEndpoint(hall), others)
    return Protection(entrance, Admission.of(settings))


def make_hall(platform: Platform, graphql: GraphQLView) -> Hall:
    """Where WebSockets are: they share what they watch with each other, and with SSE."""
    executor = Executor(graphql.executor, graphql.streams, graphql.persisted, graphql.answer)
    limits = limits_of(platform.settings)
    return Hall(executor, platform.context_for, graphql.authentication, limits)
