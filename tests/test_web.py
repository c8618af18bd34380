"""The npm package and the page: they read as bitocr does, and their own tests pass in node and Chromium."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from http_load import running

from bitocr import Page, Reader

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
LINES = ROOT / "tests" / "data" / "lines"
ENGLISH = sorted(path for path in LINES.glob("*.png") if not path.name.startswith("chinese"))
CHINESE = sorted(LINES.glob("chinese-*.png"))
PAGES = [ROOT / "examples" / "receipt.jpg", *sorted((ROOT / "docs" / "images").glob("*.jpg"))]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run(["make", "--no-print-directory", "web"], cwd=ROOT, check=True)


def read(model: str, task: str, paths: list[Path]) -> list[dict[str, Any]]:
    """The readings of the npm package."""
    command = ["node", str(ROOT / "web/test/help/read.mjs"), model, task, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("model", ["english", "english-tiny", "chinese"])
def test_lines_are_read_as_in_python(model: str) -> None:
    reader = Reader(model, detector=None)
    paths = CHINESE if model == "chinese" else ENGLISH
    for path, line in zip(paths, read(model, "line", paths), strict=True):
        expected = reader.read_line(path)
        assert (line["text"], line["angle"]) == (expected.text, expected.angle), path
        assert line["confidence"] == pytest.approx(expected.confidence, abs=1e-4), path
        places = [(char["char"], char["score"], char["x"]) for char in line["chars"]]
        assert places == [(char.char, round(char.score, 4), round(char.x, 1)) for char in expected.chars], path


@pytest.mark.parametrize("model", ["english", "english-tiny", "chinese"])
def test_pages_are_the_same_json_as_in_python(model: str) -> None:
    reader = Reader(model)
    schema = json.loads((ROOT / "src/bitocr/formats/page.schema.json").read_text())
    for path, page in zip(PAGES, read(model, "read", PAGES), strict=True):
        jsonschema.validate(page, schema)
        assert page == {"schema": Page.SCHEMA, "path": str(path), **reader.read(path).as_dict()}, path


def test_the_service_shows_the_page() -> None:
    with running("--threads", "1") as service:
        command = ["node", str(ROOT / "web/test/help/visit.mjs"), f"http://127.0.0.1:{service.port}/"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, Reader().read(PAGES[0]).text + "\n"), done.stderr


def test_its_own_tests_pass() -> None:
    done = subprocess.run(["tools/web/test.sh"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-5000:]
