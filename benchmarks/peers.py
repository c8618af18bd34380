"""Accuracy and time of bitocr, RapidOCR (PP-OCRv4 mobile) and Tesseract, on the same images, in one run.

    make bench-peers DATA=DIR [LIMIT=N]

DIR holds the test sets, each a folder with a labels.tsv (path, tab, text): iiit5k_words, ic03_words, sroie_lines,
funsd_lines, oldbooks_lines, and of Chinese zh_screens_lines, zh_photos_lines, zh_mtwi_lines; what is missing is left
out. Every reader gets one thread and cropped words or lines; the time is from file to text. Prints the tables of the
README, one for each language.
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

from bitocr import Reader
from bitocr.errors import BitocrError, UsageError
from bitocr.inspect.metrics import score
from bitocr.inspect.speed import cpu_name
from bitocr.io import bitfile, shipped
from bitocr.io.labels import read_labels

#: The sets of each language, with their protocols.
SETS = {
    "en": {
        "iiit5k_words": "scene",
        "ic03_words": "scene",
        "sroie_lines": "line",
        "funsd_lines": "line",
        "oldbooks_lines": "line",
    },
    "zh": {"zh_screens_lines": "line", "zh_photos_lines": "line", "zh_mtwi_lines": "line"},
}
#: What Tesseract calls the data of a language.
TESSERACT = {"en": "eng", "zh": "chi_sim"}


def find_sets(data: Path) -> dict[str, dict[Path, str]]:
    """By language, the label files of the sets that are there, with their protocols. Raises UsageError if none is."""
    found: dict[str, dict[Path, str]] = {}
    for language, sets in SETS.items():
        files = {data / name / "labels.tsv": protocol for name, protocol in sets.items()}
        there = {labels: protocol for labels, protocol in files.items() if labels.is_file()}
        if there:
            found[language] = there
    if not found:
        names = ", ".join(name for sets in SETS.values() for name in sets)
        raise UsageError(f"{data}: none of the sets {names} is there, each with a labels.tsv")
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


def tesseract_reader(data: str) -> Read:
    """Tesseract reads a list of files in one process, so that its start is not counted for each image."""

    def read(paths: list[Path], protocol: str) -> list[str]:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as listing:
            listing.write("".join(f"{path.resolve()}\n" for path in paths))
            listing.flush()
            mode = "8" if protocol == "scene" else "7"
            command = ["tesseract", listing.name, "stdout", "--psm", mode, "-l", data]
            environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
            run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        pages = [" ".join(page.split()) for page in run.stdout.split("\f")]
        return pages[: len(paths)]

    return read


def open_readers(language: str) -> dict[str, tuple[Read, int | None]]:
    """The readers of a language that are installed, and the bytes of their models where known."""
    readers: dict[str, tuple[Read, int | None]] = {
        f"bitocr {version('bitocr')} {model}": (bitocr_reader(model), shipped.find(model).stat().st_size)
        for model in models_for(language)
    }
    try:
        name = f"RapidOCR {version('rapidocr-onnxruntime')}"
        readers[name] = (rapidocr_reader(), recognizer_bytes())
    except (PackageNotFoundError, ImportError) as error:
        print(f"RapidOCR is left out: {error}", file=sys.stderr)
    data = TESSERACT[language]
    if data in tesseract_languages():
        first = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
        readers[first.split("\n")[0].capitalize()] = (tesseract_reader(data), None)
    else:
        package = f"tesseract-ocr-{data.replace('_', '-')}"
        print(f"Tesseract is left out: install the packages tesseract-ocr and {package}", file=sys.stderr)
    return readers


def models_for(language: str) -> list[str]:
    """The shipped models that are for a language first of all."""
    headers = {name: bitfile.read(shipped.find(name))[0] for name in shipped.names()}
    return [name for name, header in headers.items() if header["languages"][0] == language]


def tesseract_languages() -> list[str]:
    if not shutil.which("tesseract"):
        return []
    return subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout.split()


def recognizer_bytes() -> int:
    import rapidocr_onnxruntime

    models = Path(rapidocr_onnxruntime.__file__).parent / "models"
    return sum(path.stat().st_size for path in models.glob("*rec*.onnx"))


def compare(sets: dict[Path, str], readers: dict[str, tuple[Read, int | None]], limit: int | None) -> None:
    """Prints the table of a language, a line as soon as it is measured, and the bytes of the recognizers."""
    print("| set | images | reader | accuracy, % | CER, % | ms an image |\n|---|---|---|---|---|---|")
    for labels, protocol in sets.items():
        labelled = read_labels(labels, limit)
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
    print("\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    found = find_sets(arguments.data)
    print(f"{cpu_name()}, one thread, Python {platform.python_version()}\n")
    for language, sets in found.items():
        compare(sets, open_readers(language), arguments.limit)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"peers: {error}")
