"""Accuracy and time of bitocr, RapidOCR (PP-OCRv4 mobile) and Tesseract, on the same images, in one run.

    make bench-peers DATA=DIR [LIMIT=N]

DIR holds the test sets, each a folder with a labels.tsv (path, tab, text): iiit5k_words, ic03_words, sroie_lines,
funsd_lines, oldbooks_lines; what is missing is left out. Every reader gets one thread and cropped words or lines; the
time is from file to text. Prints the table of the README.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bitocr import Reader, shipped
from bitocr.bench import cpu_name
from bitocr.errors import BitocrError, UsageError
from bitocr.labels import read_labels
from bitocr.metrics import score

SETS = {
    "iiit5k_words": "scene",
    "ic03_words": "scene",
    "sroie_lines": "line",
    "funsd_lines": "line",
    "oldbooks_lines": "line",
}


def find_sets(data: Path) -> dict[Path, str]:
    """The label files of the sets that are there, each with its protocol. Raises UsageError where none is."""
    found = {data / name / "labels.tsv": protocol for name, protocol in SETS.items()}
    found = {labels: protocol for labels, protocol in found.items() if labels.is_file()}
    if not found:
        raise UsageError(f"{data}: none of the sets {', '.join(SETS)} is there, each with a labels.tsv")
    return found


#: Reads images of one protocol; one text for each.
Read = Callable[[list[Path], str], list[str]]


def bitocr_reader(model: str) -> Read:
    reader = Reader(model, threads=1)
    return lambda paths, protocol: [line.text for line in reader.read_lines(paths, errors="return")]


def rapidocr_reader() -> Read:
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(paths: list[Path], protocol: str) -> list[str]:
        results = (engine(str(path), use_det=False, use_cls=False, use_rec=True)[0] for path in paths)
        return [" ".join(text for text, _ in result or []) for result in results]

    return read


def tesseract_reader() -> Read:
    """Tesseract reads a list of files in one process, so that its start is not counted for each image."""

    def read(paths: list[Path], protocol: str) -> list[str]:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as listing:
            listing.write("".join(f"{path.resolve()}\n" for path in paths))
            listing.flush()
            mode = "8" if protocol == "scene" else "7"
            command = ["tesseract", listing.name, "stdout", "--psm", mode, "-l", "eng"]
            environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
            run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        pages = [" ".join(page.split()) for page in run.stdout.split("\f")]
        return pages[: len(paths)]

    return read


def open_readers() -> dict[str, tuple[Read, int | None]]:
    """The readers that are installed, and the bytes of their models where known."""
    readers: dict[str, tuple[Read, int | None]] = {
        f"bitocr {version('bitocr')} {model}": (bitocr_reader(model), shipped.find(model).stat().st_size)
        for model in shipped.names()
    }
    try:
        name = f"RapidOCR {version('rapidocr-onnxruntime')}"
        readers[name] = (rapidocr_reader(), recognizer_bytes())
    except (PackageNotFoundError, ImportError) as error:
        print(f"RapidOCR is left out: {error}", file=sys.stderr)
    if shutil.which("tesseract"):
        first = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout.split(
            "\n"
        )
        readers[first[0].capitalize()] = (tesseract_reader(), None)
    else:
        print("Tesseract is left out: install the package tesseract-ocr", file=sys.stderr)
    return readers


def recognizer_bytes() -> int:
    import rapidocr_onnxruntime

    models = Path(rapidocr_onnxruntime.__file__).parent / "models"
    return sum(path.stat().st_size for path in models.glob("*rec*.onnx"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    sets = find_sets(arguments.data)
    readers = open_readers()
    print(f"{cpu_name()}, one thread, Python {platform.python_version()}\n")
    print("| set | images | reader | accuracy, % | CER, % | ms an image |\n|---|---|---|---|---|---|")
    for labels, protocol in sets.items():
        labelled = read_labels(labels, arguments.limit)
        paths = [path for path, _ in labelled]
        for name, (read, _) in readers.items():
            read(paths[:5], protocol)
            start = time.perf_counter()
            texts = read(paths, protocol)
            milliseconds = 1000 * (time.perf_counter() - start) / len(paths)
            result = score(zip((text for _, text in labelled), texts, strict=True), protocol)
            figures = f"{100 * result.accuracy:.1f} | {100 * result.cer:.1f} | {milliseconds:.2f}"
            print(f"| {labels.parent.name} | {result.n} | {name} | {figures} |", flush=True)
    for name, (_, size) in readers.items():
        print(f"\n{name}: recognizer of {size:,} bytes" if size else "", end="")
    print()


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"peers: {error}")
