"""Runs one reader on the pages of a folder, on one thread, and writes its predictions for benchmarks/pages.py.

    python benchmarks/page_readers.py READER FOLDER OUT.json [--language zh] [--limit N]

READER is bitocr, truth (bitocr on the true boxes, as if detection were perfect), rapidocr3, rapidocr1 or tesseract.
Seconds are processor seconds from file to text. Each run has its own process, so that the peak memory is the reader's.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import resource
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OMP_THREAD_LIMIT"] = "1"

Prediction = dict[str, Any]
Page = Mapping[str, Any]
Read = Callable[[Path, Page], list[Prediction]]
"""Reads an image. Only `truth` uses the image's entry in pages.json."""

MODELS = {"en": "english", "zh": "chinese"}
TESSERACT = {"en": "eng", "zh": "chi_sim"}


def bitocr_reader(language: str) -> tuple[Read, str]:
    from bitocr import Reader

    reader = Reader(MODELS[language], threads=1)

    def read(path: Path, page: Page) -> list[Prediction]:
        found = reader.read(path)
        lines = (line for block in found.blocks for line in block.lines)
        return [{"text": line.text, "polygon": line.quad, "score": line.confidence} for line in lines]

    return read, f"bitocr {version('bitocr')}"


def truth_reader(language: str) -> tuple[Read, str]:
    from bitocr.inspect.pages.shapes import corners_of
    from bitocr.io import shipped
    from bitocr.io.images import load
    from bitocr.native.engine import Engine
    from bitocr.native.pages import read_boxes

    engine = Engine(shipped.find(MODELS[language]), None, 1, None, None, "auto", models=shipped.FOLDER)

    def read(path: Path, page: Page) -> list[Prediction]:
        boxes: Any = [corners_of(item) for item in page.get("items", [])]
        found = read_boxes(engine, load(path), boxes) if boxes else None
        lines = (line for block in found.blocks for line in block.lines) if found else ()
        return [{"text": line.text, "polygon": line.quad, "score": line.confidence} for line in lines]

    return read, f"bitocr {version('bitocr')} on true boxes"


def rapidocr1_reader(language: str) -> tuple[Read, str]:
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(path: Path, page: Page) -> list[Prediction]:
        found, _ = engine(str(path))
        return [{"text": text, "polygon": plain(box), "score": float(score)} for box, text, score in found or []]

    return read, f"RapidOCR {version('rapidocr-onnxruntime')}"


def rapidocr3_reader(language: str) -> tuple[Read, str]:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    threads = {f"EngineConfig.onnxruntime.{part}_op_num_threads": 1 for part in ("intra", "inter")}
    engine = RapidOCR(params={**threads, "Global.log_level": "critical"})

    def read(path: Path, page: Page) -> list[Prediction]:
        found = engine(str(path))
        if found.boxes is None or found.txts is None:
            return []
        parts = zip(found.boxes, found.txts, found.scores, strict=True)
        return [{"text": text, "polygon": plain(box), "score": float(score)} for box, text, score in parts]

    return read, f"rapidocr {version('rapidocr')}"


def plain(box: Any) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in box]


def tesseract_reader(language: str) -> tuple[Read, str]:
    def read(path: Path, page: Page) -> list[Prediction]:
        with tempfile.TemporaryDirectory() as folder:
            if path.suffix not in (".png", ".jpg"):
                from PIL import Image

                Image.open(path).convert("RGB").save(Path(folder) / "x.png", compress_level=1)
                path = Path(folder) / "x.png"
            command = ["tesseract", str(path), "-", "-l", TESSERACT[language], "tsv"]
            return lines_of(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    first = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
    return read, first.split("\n")[0].capitalize()


def lines_of(tsv: str) -> list[Prediction]:
    """The lines in Tesseract's table of words."""
    lines: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and row["text"].strip():
            lines[row["block_num"], row["par_num"], row["line_num"]].append(row)
    return [line_of(words) for words in lines.values()]


def line_of(words: list[dict[str, str]]) -> Prediction:
    boxes = [[float(word[name]) for name in ("left", "top", "width", "height")] for word in words]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    polygon = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return {"text": " ".join(word["text"] for word in words), "polygon": polygon}


READERS: dict[str, Callable[[str], tuple[Read, str]]] = {
    "bitocr": bitocr_reader,
    "truth": truth_reader,
    "rapidocr3": rapidocr3_reader,
    "rapidocr1": rapidocr1_reader,
    "tesseract": tesseract_reader,
}


def busy() -> float:
    """The processor seconds of this process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def predict(name: str, folder: Path, language: str, limit: int | None) -> dict[str, Any]:
    """The predictions of a folder, the seconds of each page, and the peak memory in MB."""
    read, title = READERS[name](language)
    pages = json.loads((folder / "pages.json").read_text("utf-8"))[:limit]
    made, seconds = {}, {}
    for page in pages[:1]:  # warm up: start-up costs belong to no page
        read(folder / page["image"], page)
    for page in pages:
        start = busy()
        made[page["image"]] = read(folder / page["image"], page)
        seconds[page["image"]] = busy() - start
    who = resource.RUSAGE_CHILDREN if name == "tesseract" else resource.RUSAGE_SELF
    megabytes = round(resource.getrusage(who).ru_maxrss / 1024)
    return {"reader": title, "pages": made, "seconds": seconds, "peak_rss_mb": megabytes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", choices=MODELS, default="en")
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    result = predict(arguments.reader, arguments.folder, arguments.language, arguments.limit)
    arguments.out.write_text(json.dumps(result, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
