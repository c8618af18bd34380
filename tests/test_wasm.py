"""The engine in WebAssembly, run by node: it reads what Python reads, and stays small."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bitocr
from bitocr.cli.read import as_json
from bitocr.errors import BitocrError
from bitocr.io.images import load

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "src" / "bitocr" / "models"
WEB = ROOT / "web" / "engine"
BUILD = ROOT / "build" / "wasm"
MODULES = {"bitocr.wasm": "generic", "bitocr-simd.wasm": "simd128", "bitocr-relaxed.wasm": "relaxed_simd"}
LINES = sorted((ROOT / "tests" / "data").rglob("*.png"))
PAGE = ROOT / "examples" / "receipt.jpg"
Answer = dict[str, Any]
Call = Callable[..., Answer]


@pytest.fixture(scope="module")
def engine() -> Path:
    """The built modules, and the class around them as one file for node."""
    run(["make", "--no-print-directory", "wasm"])
    npm = ["npm", "install", "--prefix", str(BUILD), "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
    run([*npm, "esbuild@0.28.2"])
    bundle = BUILD / "engine.mjs"
    bundler = str(BUILD / "node_modules" / ".bin" / "esbuild")
    run([bundler, str(WEB / "index.ts"), "--bundle", "--format=esm", f"--outfile={bundle}", "--log-level=error"])
    return bundle


@pytest.fixture(params=MODULES)
def call(request: pytest.FixtureRequest, engine: Path) -> Call:
    """Opens a model and reads images, in one process of node."""

    def run_calls(files: dict[str, Path], calls: list[dict[str, Any]], **options: Any) -> Answer:
        asked = {"files": {name: str(path) for name, path in files.items()}, "options": options, "calls": calls}
        command = [
            "node",
            *relaxed_flag(),
            str(ROOT / "tests" / "wasm_calls.mjs"),
            str(engine),
            str(WEB / request.param),
        ]
        answer: Answer = json.loads(run(command, json.dumps(asked)))
        if "kernel" in answer["reader"]:
            assert answer["reader"]["kernel"] == MODULES[request.param]
        return answer

    return run_calls


def relaxed_flag() -> list[str]:
    """The options that let node run bitocr-relaxed.wasm; none from version 21 on. The quick compiler of version 20 adds
    dot products to nothing, which is why `moduleFile` does not name this module there."""
    major = int(run(["node", "--version"])[1:].partition(".")[0])
    return ["--experimental-wasm-relaxed-simd", "--no-liftoff"] if major < 21 else []


def run(command: list[str], standard_input: str = "") -> str:
    done = subprocess.run(command, input=standard_input, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(model: str, language: str) -> dict[str, Path]:
    found = {"model": MODELS / f"{model}.bit", "detector": MODELS / "page.bit", "ngram": MODELS / f"{language}.ngram"}
    words = MODELS / f"{language}.words"
    return {**found, "wordList": words} if words.exists() else found


def pixels(path: Path, folder: Path) -> dict[str, Any]:
    """An image in the form of wasm_calls.mjs, with its pixels in a file."""
    array = load(path)
    height, width, channels = (*array.shape, 1)[:3]
    raw = folder / f"{path.stem}.raw"
    raw.write_bytes(array.tobytes())
    return {"file": str(raw), "width": width, "height": height, "channels": channels}


def without_memory(results: list[Answer]) -> list[Answer]:
    return [{name: value for name, value in result.items() if name != "memory"} for result in results]


@pytest.mark.parametrize(("model", "language"), [("english", "english"), ("chinese", "chinese")])
def test_reads_lines_and_pages_as_python_does(call: Call, tmp_path: Path, model: str, language: str) -> None:
    reader, paths = bitocr.Reader(model), LINES[:: 3 if model == "english" else 10]
    expected = [as_json("", line) for line in bitocr.Reader(model, detector=None).read_lines(paths)]
    expected.append({"schema": 1, "path": "a.jpg", **reader.read(PAGE).as_dict()})
    expected.append({"schema": 1, "path": "", **reader.find(PAGE).as_dict(), "model": ""})
    calls: list[dict[str, Any]] = [{"method": "readLine", "image": pixels(path, tmp_path)} for path in paths]
    page = pixels(PAGE, tmp_path)
    calls += [
        {"method": "readPage", "image": page, "options": {"path": "a.jpg"}},
        {"method": "findLines", "image": page},
    ]
    answer = call(files(model, language), calls, name=model)
    for line in expected[:-2]:
        del line["path"]
    assert without_memory(answer["results"]) == expected
    assert answer["version"] == bitocr.__version__
    assert answer["reader"]["languageModel"] == language


@pytest.mark.parametrize(
    "options",
    [
        {"beam": 0, "reread": 0},
        {"words": ["Ｔｈｅ", "café"], "beam": 8},
        {"reread": 0.99},
        {"allow": "0-9a-z ", "check": None},
        {"pattern": "DDD{1,9}"},
    ],
)
def test_options_mean_what_they_mean_in_python(call: Call, tmp_path: Path, options: dict[str, Any]) -> None:
    paths = LINES[::8]
    reader = bitocr.Reader("english", detector=None, **options)
    expected = [as_json("", reader.read_line(path)) for path in paths]
    for line in expected:
        del line["path"]
    calls = [{"method": "readLine", "image": pixels(path, tmp_path)} for path in paths]
    assert without_memory(call(files("english", "english"), calls, **options)["results"]) == expected


def test_what_a_call_gives_stands_in_the_place_of_all_three_limits(call: Call, tmp_path: Path) -> None:
    image = pixels(LINES[0], tmp_path)
    calls = [{"method": "readLine", "image": image, "options": options} for options in ({}, {"allow": "a-z"}, {})]
    reader = bitocr.Reader("english", pattern="DDD")
    texts = [reader.read_line(LINES[0]).text, reader.read_line(LINES[0], allow="a-z").text]
    answer = call(files("english", "english"), calls, pattern="DDD")
    assert [result["text"] for result in answer["results"]] == [texts[0], texts[1], texts[0]]


def test_rows_may_lie_apart(call: Call, tmp_path: Path) -> None:
    image = pixels(LINES[0], tmp_path)
    array = load(LINES[0])
    row = image["width"] * image["channels"]
    wide = np.pad(array.reshape(image["height"], row), ((0, 0), (0, 5)), constant_values=77)
    (tmp_path / "wide.raw").write_bytes(wide.tobytes()[:-5])
    apart = {**image, "file": str(tmp_path / "wide.raw"), "stride": row + 5}
    first, second = call(files("english", "english"), [{"method": "readLine", "image": i} for i in (image, apart)])[
        "results"
    ]
    assert first == second


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ({"width": 4, "height": 2, "bytes": [0] * 31}, "31 bytes of pixels: 4 x 2 with 4 channels take 32"),
        ({"width": 4, "height": 2, "bytes": [0] * 8, "channels": 2}, "an image has 1, 3 or 4 channels, not 2"),
        ({"width": 4, "height": 2, "bytes": [0] * 8, "channels": 1, "stride": 3}, "a stride of 3 bytes: a row takes 4"),
        ({"width": 0, "height": 2, "bytes": []}, "an image of 0 x 2 pixels: each is a whole number from 1 to 65535"),
        (
            {"width": 1.5, "height": 2, "bytes": []},
            "an image of 1.5 x 2 pixels: each is a whole number from 1 to 65535",
        ),
        ({"width": 70000, "height": 1, "bytes": [], "channels": 1}, "an image of 70000 x 1 pixels"),
    ],
)
def test_refuses_images_that_are_none(call: Call, image: dict[str, Any], said: str) -> None:
    answer = call(files("english", "english"), [{"method": "readLine", "image": image}])["results"][0]
    assert (answer["error"], answer["code"]) == ("BitocrError", "image")
    assert said in answer["message"]


def python_error(**options: Any) -> str:
    with pytest.raises(BitocrError) as caught:
        bitocr.Reader("english", **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"allow": "9-0"},
        {"pattern": "D{3"},
        {"check": "sum"},
        {"allow": "中"},
        {"beam": 0, "words": ["word"]},
        {"reread": 2},
    ],
)
def test_refuses_options_with_the_message_of_python(call: Call, options: dict[str, Any]) -> None:
    reader = call(files("english", "english"), [], **options)["reader"]
    assert (reader["code"], reader["message"]) == ("usage", python_error(**options))


@pytest.mark.parametrize(
    ("name", "said"),
    [("model", "not a bitocr model"), ("ngram", ""), ("detector", "not a bitocr model")],
)
def test_refuses_files_that_are_something_else(call: Call, tmp_path: Path, name: str, said: str) -> None:
    page = tmp_path / "not-found.html"
    page.write_text("<!doctype html><title>404</title>" + " " * 1000)
    reader = call({**files("english", "english"), name: page}, [])["reader"]
    assert reader["code"] == "model"
    assert said in reader["message"]
    assert "\n" not in reader["message"]


def test_memory_does_not_grow(call: Call, tmp_path: Path) -> None:
    image, page = pixels(LINES[0], tmp_path), pixels(PAGE, tmp_path)
    calls: list[dict[str, object]] = [{"method": "readPage", "image": page}, {"method": "readLine", "image": image}]
    calls += [{"method": "readLine", "image": image, "times": 100}, {"method": "readPage", "image": page}]
    memory = [result["memory"] for result in call(files("english", "english"), calls)["results"]]
    assert memory[-1] == memory[1]
    assert memory[-1] < 64 << 20


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_small_and_import_nothing(engine: Path, module: str) -> None:
    script = """
        const { readFileSync } = require("node:fs"), zlib = require("node:zlib");
        const bytes = readFileSync(process.argv[1]), module = new WebAssembly.Module(bytes);
        const brotli = zlib.brotliCompressSync(bytes).length, imports = WebAssembly.Module.imports(module);
        console.log(JSON.stringify([bytes.length, brotli, imports]));
    """
    raw, brotli, imports = json.loads(run(["node", *relaxed_flag(), "-e", script, str(WEB / module)]))
    assert imports == []
    assert raw <= 220_000
    assert brotli <= 90_000
