"""The built UI is served so that browsers keep what never changes; unbuilt, a plain page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from orderlog_server.web import web_routes

SCRIPT = "console.log('orderlog');\n" * 100


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=web_routes(tmp_path))) as client:
        yield client


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/index-4f2a.js").write_text(SCRIPT)
    for name in ("index.html", "playground.html", "icon.svg", "scheme.js"):
        (tmp_path / name).write_text(f"this is {name}")
    return tmp_path


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/orders/0192", "index.html"),
        ("/stock", "index.html"),
        ("/playground", "playground.html"),
        ("/scheme.js", "scheme.js"),
        ("/favicon.ico", "icon.svg"),
    ],
)
def test_each_path_has_its_file(client: TestClient, path: str, file: str) -> None:
    response = client.get(path)
    assert response.text == f"this is {file}"
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.usefixtures("built")
def test_assets_are_kept_for_ever_and_compressed(client: TestClient) -> None:
    response = client.get("/assets/index-4f2a.js")
    assert response.text == SCRIPT
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < len(SCRIPT) / 10


@pytest.mark.usefixtures("built")
def test_a_missing_asset_is_not_the_console(client: TestClient) -> None:
    response = client.get("/assets/index-old.js")
    assert response.status_code == 404
    assert "immutable" not in response.headers.get("cache-control", "")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path", ["/assets/../../secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%00"]
)
def test_nothing_outside_the_folder_is_served(
    tmp_path: Path, client: TestClient, path: str
) -> None:
    (tmp_path.parent / "secret.txt").write_text("secret")
    response = client.get(path)
    assert response.status_code in {200, 404}
    assert "secret" not in response.text


@pytest.mark.parametrize("path", ["/", "/playground", "/orders/0192"])
def test_without_a_build_a_page_says_how_to_make_one(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "python3 dev.py setup" in response.text
    assert "Node 20.19" in response.text
    assert "curl http://testserver/graphql" in response.text


def test_without_a_build_assets_are_missing_and_nothing_breaks(client: TestClient) -> None:
    assert client.get("/assets/index-4f2a.js").status_code == 404
    assert client.get("/favicon.ico").status_code == 204


def test_a_build_needs_no_restart(tmp_path: Path, client: TestClient) -> None:
    assert "dev.py" in client.get("/").text
    (tmp_path / "index.html").write_text("built meanwhile")
    assert client.get("/").text == "built meanwhile"
