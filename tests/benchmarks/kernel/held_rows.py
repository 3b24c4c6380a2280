"""Our own server, with the rows of a page of orders in memory instead of a database.

    python -m tests.benchmarks.kernel.held_rows DATABASE_URL

What is left is the API itself: HTTP, permissions, costs, execution.
"""

import asyncio
import json
import socket
import sys
from dataclasses import dataclass, replace
from typing import Final

from uvicorn.loops.auto import auto_loop_factory

from orderlog_projections.order_list.queries import OrderListPage, list_orders
from orderlog_projections.order_page.queries import find_order_pages
from orderlog_projections.order_page.tables import OrderPage
from orderlog_projections.paging import Window
from orderlog_schema.context import Query, ReadModels
from orderlog_server.app import make_app
from orderlog_server.collector import collecting_rarely
from orderlog_server.serving import make_server
from orderlog_server.settings import Auth, Settings
from orderlog_server.wiring import Platform, running

ORDERS: Final = 20


@dataclass(frozen=True, slots=True)
class HeldRows(ReadModels):
    """One page of orders, whichever is asked for."""

    page: OrderListPage
    order_pages_held: dict[str, OrderPage]

    async def list_orders(
        self,
        query: Query[OrderListPage],  # noqa: ARG002 - it is always the same
        *,
        with_pages: bool,
    ) -> tuple[OrderListPage, dict[str, OrderPage]]:
        return self.page, self.order_pages_held if with_pages else {}


def holding(platform: Platform) -> Platform:
    """The same platform, which reads its first page of orders only now."""
    read, window = platform.database.read, Window(first=ORDERS)
    page = read(lambda found: list_orders(found, window=window, with_count=False))
    pages = read(lambda found: find_order_pages(found, [row.order_id for row in page.rows]))
    held = {one.order_id: one for one in pages}
    return replace(
        platform, read_models=HeldRows(platform.database, platform.projections, page, held)
    )


async def main(database_url: str) -> None:
    settings = Settings(database_url=database_url, auth=Auth.NONE, answer_seconds_max=0)
    listener = socket.create_server(("127.0.0.1", 0))
    async with running(settings) as platform:
        server = make_server(make_app(holding(platform)), settings)
        print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
        with collecting_rarely():
            await server.serve(sockets=[listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main(sys.argv[1]))
