"""`/metrics`, in the text that Prometheus reads: what was counted, and how things stand now."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from orderlog import __version__
from orderlog_projections.status import ProjectionStatus
from orderlog_schema.execution.answers import Answers
from orderlog_schema.execution.plans import PlanCounts
from orderlog_schema.execution.sharing import Streams
from orderlog_server.graphql import GraphQLView
from orderlog_server.observability.state import ProcessesState, state_of
from orderlog_server.sockets.hall import Hall
from orderlog_server.wiring import Platform

Endpoint = Callable[[Request], Awaitable[Response]]


class Standing(Collector):
    """How things stand at one moment."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def make_metrics(platform: Platform, graphql: GraphQLView, hall: Hall) -> Endpoint:
    async def metrics(_: Request) -> Response:
        executor = graphql.executor
        here = [
            *of_process(platform, graphql.streams),
            *of_plans(executor.counts),
            *of_answers(executor.answers),
            *of_sockets(hall),
        ]
        standing = Standing([*here, *await of_log(platform)])
        text = generate_latest(platform.metrics.registry) + generate_latest(standing)
        return Response(
            text, headers={"cache-control": "no-store"}, media_type=CONTENT_TYPE_PLAIN_0_0_4
        )

    return metrics


def of_process(platform: Platform, streams: Streams) -> Iterator[Metric]:
    """What this process holds in memory."""
    yield by_label("build_info", "The version that runs.", "version", {__version__: 1})
    yield gauge("writer_queue_depth", "Commands that wait for an answer.", platform.bus.unanswered)
    commands = CounterMetricFamily(
        "orderlog_commands", "Commands by what their sender was told.", labels=["outcome"]
    )
    for outcome, count in sorted(platform.bus.answers.items()):
        commands.add_metric([outcome], count)
    yield commands
    yield gauge("hub_subscribers", "Who listens to the log here.", platform.hub.subscriber_count)
    yield gauge("subscriptions", "Who watches over WebSocket or SSE.", streams.member_count)
    yield CounterMetricFamily(
        "orderlog_subscriptions_too_slow",
        "Subscriptions that ended because too much was waiting.",
        streams.too_slow_count,
    )


def of_sockets(hall: Hall) -> Iterator[Metric]:
    yield gauge("websockets", "WebSockets that are open.", hall.count)
    closed = CounterMetricFamily(
        "orderlog_websockets_closed", "WebSockets that were closed from here.", labels=["code"]
    )
    for code, count in sorted(hall.closings.items()):
        closed.add_metric([str(code)], count)
    yield closed


def of_answers(answers: Answers) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "orderlog_answers_given_again",
        "Queries that were answered as a moment before.",
        answers.given_again,
    )


def of_plans(counts: PlanCounts) -> Iterator[Metric]:
    """How many operations went the fast way, and how often it was left."""

    def count(name: str, about: str, figure: int) -> Metric:
        return CounterMetricFamily(f"orderlog_plan_{name}", about, figure)

    yield count("functions_compiled", "Functions made for selections.", counts.compiled)
    yield count("executions", "Executions that followed a plan.", counts.used)
    yield count("values_abandoned", "Values that surprised a plan.", counts.abandoned)


async def of_log(platform: Platform) -> Sequence[Metric]:
    """Without a database there is nothing more to say."""
    about = "Whether the database answers."
    try:
        state = await state_of(platform)
    except Exception:  # noqa: BLE001 - whatever it is, the database does not answer
        return [gauge("database_up", about, 0)]
    return [
        gauge("database_up", about, 1),
        gauge("log_head_position", "The position of the last event.", state.head),
        *of_projections(state.projections),
        *of_processes(state.processes),
    ]


def of_projections(statuses: Sequence[ProjectionStatus]) -> Iterator[Metric]:
    def each(name: str, about: str, figure: Callable[[ProjectionStatus], float]) -> Metric:
        figures = {one.name: figure(one) for one in statuses}
        return by_label(f"projection_{name}", about, "projection", figures)

    yield each("position", "How far it has read the log.", lambda one: one.position)
    yield each("lag_positions", "Positions between it and the end.", lambda one: one.lag)
    yield each(
        "lag_seconds", "Age of the first event that it has not read.", lambda one: one.lag_seconds
    )
    yield each("parked_keys", "Keys that stand still.", lambda one: one.parked_keys)
    yield each("stopped", "Whether the database stops it.", lambda one: one.is_stopped)


def of_processes(state: ProcessesState) -> Iterator[Metric]:
    yield gauge("processes_position", "Every event up to here is handled.", state.position)
    yield gauge("processes_lag_positions", "Positions between it and the end.", state.lag)
    yield gauge("processes_lag_seconds", "Age of the first event not handled.", state.lag_seconds)
    yield gauge("processes_in_flight", "What is being reacted to here.", state.in_flight)
    yield gauge("processes_stopped", "Whether they have stopped.", state.error is not None)


def gauge(name: str, about: str, figure: float) -> Metric:
    return GaugeMetricFamily(f"orderlog_{name}", about, figure)


def by_label(name: str, about: str, label: str, figures: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"orderlog_{name}", about, labels=[label])
    for value, figure in figures.items():
        family.add_metric([value], figure)
    return family
