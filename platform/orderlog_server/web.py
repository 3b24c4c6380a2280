"""The built web UI: two pages, hashed assets, and a plain page where nothing is built."""

from html import escape
from pathlib import Path
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB_FOLDER: Final = Path(__file__).parent / "web"
FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
ASK_AGAIN: Final = {"cache-control": "no-cache"}
COMPRESSION_LEVEL: Final = 6
NOT_BUILT: Final = (Path(__file__).parent / "not_built.html").read_text("utf-8")


class HashedFiles(StaticFiles):
    """Files whose names change with their content: kept for ever by whoever fetched them."""

    async def check_config(self) -> None:
        """A folder that is not there yet is no fault: its files are not found, that is all."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(FOREVER)
        return response


class Pages:
    """Answers with files of the built UI; looks each time, so that a build needs no restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def playground(self, request: Request) -> Response:
        return self._page("playground.html", request)

    async def console(self, request: Request) -> Response:
        """A file of the folder's top level, or the console: it knows its own paths."""
        name = request.path_params.get("path", "")
        if "/" not in name and (self._folder / name).is_file():
            return FileResponse(self._folder / name, headers=ASK_AGAIN)
        return self._page("index.html", request)

    async def icon(self, _: Request) -> Response:
        icon = self._folder / "icon.svg"
        return (
            FileResponse(icon, headers=ASK_AGAIN) if icon.is_file() else Response(status_code=204)
        )

    def _page(self, name: str, request: Request) -> Response:
        page = self._folder / name
        if page.is_file():
            return FileResponse(page, headers=ASK_AGAIN)
        text = NOT_BUILT.replace("{url}", escape(str(request.base_url)))
        return HTMLResponse(text, headers=ASK_AGAIN)


def web_routes(folder: Path = WEB_FOLDER) -> list[BaseRoute]:
    """Everything that is neither the API nor a probe. Goes last: it answers to any path."""
    pages = Pages(folder)
    assets = HashedFiles(directory=folder / "assets", check_dir=False)
    compressed = Middleware(GZipMiddleware, compresslevel=COMPRESSION_LEVEL)
    return [
        Mount("/assets", assets, middleware=[compressed]),
        Route("/playground", pages.playground),
        Route("/favicon.ico", pages.icon),
        Route("/", pages.console),
        Route("/{path:path}", pages.console),
    ]
