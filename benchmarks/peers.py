"""Compares bitocr, RapidOCR 3 and 1.4.4 (PP-OCRv6, v4) and Tesseract on the same lines, in one run: accuracy and time.

    make bench-peers DATA=DIR [LIMIT=N]

DIR holds the test sets, each a folder with a labels.tsv (path, tab, text): iiit5k_words, ic03_words, sroie_lines,
funsd_lines, oldbooks_lines, and for Chinese zh_screens_lines, zh_photos_lines, zh_mtwi_lines. Missing sets are left
out. Every reader gets one thread and cropped words or lines. Time is processor time from file to text. Accuracy is by
the set's protocol and exact. Prints a table for each language.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from page_readers import busy

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
#: Tesseract's name for the data of a language.
TESSERACT = {"en": "eng", "zh": "chi_sim"}


def find_sets(data: Path) -> dict[str, dict[Path, str]]:
    """The label files of existing sets with their protocols, by language. Raises UsageError if there are none."""
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


COLUMNS = ("set", "images", "reader", "accuracy, %", "exact, %", "CER, %", "ms an image", "bytes")

#: Reads images under a protocol, and returns one text for each.
Read = Callable[[list[Path], str], list[str]]


class Peer(NamedTuple):
    """A reader, and the bytes of its recognizer, plus those of its language model."""

    read: Read
    bytes: str


def bitocr_reader(model: str, greedy: bool = False) -> Peer:
    reader = Reader(model, threads=1, language_model=None, reread=0) if greedy else Reader(model, threads=1)
    size = f"{shipped.find(model).stat().st_size:,}"
    if not greedy:
        files = [file for file in (reader._engines[0].ngram_file, reader._engines[0].words_file) if file is not None]
        size += f" + {sum(Path(file).stat().st_size for file in files):,}"
    return Peer(lambda paths, protocol: [line.text for line in reader.read_lines(paths, errors="return")], size)


def rapidocr1_reader() -> Peer:
    import rapidocr_onnxruntime

    engine = rapidocr_onnxruntime.RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(paths: list[Path], protocol: str) -> list[str]:
        results = (engine(str(path), use_det=False, use_cls=False, use_rec=True)[0] for path in paths)
        return [" ".join(text for text, _ in result or []) for result in results]

    return Peer(read, recognizer_bytes(rapidocr_onnxruntime.__file__))


def rapidocr3_reader() -> Peer:
    import rapidocr

    threads = {f"EngineConfig.onnxruntime.{part}_op_num_threads": 1 for part in ("intra", "inter")}
    engine = rapidocr.RapidOCR(params={**threads, "Global.log_level": "critical"})

    def read(paths: list[Path], protocol: str) -> list[str]:
        results = (engine(str(path), use_det=False, use_cls=False, use_rec=True) for path in paths)
        return [" ".join(getattr(result, "txts", None) or ()) for result in results]

    return Peer(read, recognizer_bytes(rapidocr.__file__))


def recognizer_bytes(package: str) -> str:
    return f"{sum(path.stat().st_size for path in Path(package).parent.glob('models/*rec*.onnx')):,}"


def tesseract_reader(data: str) -> Peer:
    """Tesseract on a list of files in one process, so that its start does not count for each image."""

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

    folder = tesseract_list()[0].split('"')[1]
    return Peer(read, f"{(Path(folder) / f'{data}.traineddata').stat().st_size:,}")


def open_readers(language: str) -> dict[str, Peer]:
    """The readers of a language that are installed."""
    readers = {f"bitocr {version('bitocr')} {model}": bitocr_reader(model) for model in models_for(language)}
    first = models_for(language)[0]
    readers[f"bitocr {version('bitocr')} {first}, greedy"] = bitocr_reader(first, greedy=True)
    for package, open_one in (("rapidocr", rapidocr3_reader), ("rapidocr-onnxruntime", rapidocr1_reader)):
        try:
            readers[f"RapidOCR {version(package)}"] = open_one()
        except (PackageNotFoundError, ImportError) as error:
            print(f"{package} is left out: {error}", file=sys.stderr)
    data = TESSERACT[language]
    if data in tesseract_list():
        first_line = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
        readers[first_line.split("\n")[0].capitalize()] = tesseract_reader(data)
    else:
        package = f"tesseract-ocr-{data.replace('_', '-')}"
        print(f"Tesseract is left out: install the packages tesseract-ocr and {package}", file=sys.stderr)
    return readers


def models_for(language: str) -> list[str]:
    """The shipped models whose first language is this one."""
    headers = {name: bitfile.read(shipped.find(name))[0] for name in shipped.names()}
    return [name for name, header in headers.items() if header["languages"][0] == language]


def tesseract_list() -> list[str]:
    """A line with the folder of Tesseract's data, then the names of the installed languages."""
    if not shutil.which("tesseract"):
        return []
    return subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout.split("\n")


def compare(sets: dict[Path, str], readers: dict[str, Peer], limit: int | None) -> None:
    """Prints the table of a language, each line as soon as it is measured."""
    print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|")
    for labels, protocol in sets.items():
        labelled = read_labels(labels, limit)
        paths = [path for path, _ in labelled]
        for name, (read, size) in readers.items():
            read(paths[:5], protocol)
            start = busy()
            texts = read(paths, protocol)
            milliseconds = 1000 * (busy() - start) / len(paths)
            pairs = list(zip((text for _, text in labelled), texts, strict=True))
            result = score(pairs, protocol)
            exact = score(pairs, "exact").accuracy
            figures = f"{100 * result.accuracy:.1f} | {100 * exact:.1f} | {100 * result.cer:.1f} | {milliseconds:.2f}"
            print(f"| {labels.parent.name} | {result.n} | {name} | {figures} | {size} |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--language", choices=SETS, help="This one alone.")
    arguments = parser.parse_args()
    print(f"{cpu_name()}, one thread, Python {platform.python_version()}\n")
    for language, sets in find_sets(arguments.data).items():
        if arguments.language in (None, language):
            compare(sets, open_readers(language), arguments.limit)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"peers: {error}")
