"""No GraphQL at all: Starlette and orjson, which answer everything with the same.

python -m tests.benchmarks.kernel.plain_shop HELD.json
"""

import json
import socket
import sys
from pathlib import Path

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp


def main(path: Path) -> None:
    answer = {"data": orjson.loads(path.read_bytes())}

    async def tell(request: Request) -> Response:
        orjson.loads(await request.body())
        return Response(orjson.dumps(answer), media_type="application/json")

    serve(Starlette(routes=[Route("/graphql", tell, methods=["POST"])]))


def serve(app: ASGIApp) -> None:
    """At any free port, which it prints."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
