"""The page that the service shows at `/`, if it was built."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from bitocr.io import shipped
from bitocr.serve import tab
from serve_client import client

POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"
HTML = f'<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>page</title>'
BUILT = {"index.html": HTML, "sw.js": "// worker", "assets-1/app.js": "// app", "assets-1/engine/bitocr.wasm": "wasm"}


def described(model: bytes) -> str:
    """The entry that the build writes for a model."""
    digest = base64.b64encode(hashlib.sha256(model).digest()).decode()
    return json.dumps({"english.bit": {"bytes": len(model), "integrity": f"sha256-{digest}"}})


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in BUILT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "models.json").write_text(described((shipped.FOLDER / "english.bit").read_bytes()))
    monkeypatch.setattr(tab, "FOLDER", tmp_path)
    return tmp_path


def test_its_files_and_the_models_are_there(built: Path) -> None:
    with client(token="secret") as service:
        assert service.get("/").text == HTML
        types = {"/sw.js": "text/javascript", "/assets-1/engine/bitocr.wasm": "application/wasm"}
        for name, media_type in types.items():
            answer = service.get(name)
            assert (answer.status_code, answer.text) == (200, BUILT[name[1:]])
            assert answer.headers["content-type"].split(";")[0] == media_type
        assert service.get("/models/english.bit").content == (shipped.FOLDER / "english.bit").read_bytes()
        assert "<form" in service.get("/form").text


def test_it_may_talk_to_its_own_host_alone(built: Path) -> None:
    with client() as service:
        for name in ("/", "/sw.js", "/assets-1/app.js"):
            headers = service.get(name).headers
            assert headers["content-security-policy"] == f"{POLICY}; frame-ancestors 'none'"
            assert headers["x-content-type-options"] == "nosniff"
            assert ("immutable" in headers["cache-control"]) == name.startswith("/assets-")


@pytest.mark.parametrize(
    "path", ["/../secret", "/%2e%2e/secret", "/assets-1", "/models/../form.py", "/models/none.bit"]
)
def test_nothing_else_is_there(built: Path, path: str) -> None:
    (built.parent / "secret").write_text("secret")
    with client() as service:
        answer = service.get(path)
        assert answer.status_code == 404
        assert "there is no such path" in answer.json()["error"]


@pytest.mark.parametrize("listed", [described(b"another model"), '{"none.bit": {"integrity": "sha256-"}}', None])
def test_built_for_other_models_it_is_not_shown(built: Path, listed: str | None) -> None:
    (built / "models.json").unlink()
    if listed is not None:
        (built / "models.json").write_text(listed)
    with client() as service:
        assert "<form" in service.get("/").text


def test_without_it_the_form_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab, "FOLDER", tmp_path)
    with client() as service:
        assert service.get("/").text == service.get("/form").text
        assert service.get("/models/english.bit").status_code == 404
