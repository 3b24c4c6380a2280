"""The web application: what is answered at which path."""

from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from orderlog_server.auth.opening import open_authentication
from orderlog_server.graphql import GraphQLView
from orderlog_server.health import make_health
from orderlog_server.observability.exposition import make_metrics
from orderlog_server.protection import Protection
from orderlog_server.web import web_routes
from orderlog_server.wiring import Platform

GRAPHQL_PATH: Final = "/graphql"


def make_app(platform: Platform) -> Starlette:
    """The API over HTTP and WebSocket, probes, and the web UI at every other path.

    Raises `SettingsError` where tokens are wanted and cannot be checked.
    """
    authentication = open_authentication(platform.settings)
    graphql = GraphQLView(platform.context_for, authentication, platform.metrics.operation_answered)
    return Starlette(
        routes=[
            Route(GRAPHQL_PATH, graphql),
            WebSocketRoute(GRAPHQL_PATH, graphql),
            Route("/health", make_health(platform)),
            Route("/metrics", make_metrics(platform, graphql.streams)),
            *web_routes(),
        ],
        middleware=[Middleware(Protection, guarded_path=GRAPHQL_PATH)],
    )
