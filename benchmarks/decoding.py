"""Measures what beam search, n-grams, words and rereading add to greedy decoding, and how much time they take.

    python benchmarks/decoding.py DIR [DIR ...] [--model english] [--language en] [--limit N] [--doc PAGE]
                                  [--words FILE | --own-words]

DIR holds the test sets as for `make bench-peers`; those in the language are read, and missing ones are left out.
--words adds a row: the default with these words too. --own-words instead measures the gain of knowing all words of the
labels, as in lexicon-based scene text recognition. Time is processor time from image to text, relative to greedy
decoding. The decodings take turns image by image, so that all run under the same conditions. --doc puts the table into
a page, between its lines that name this script.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from docs_pages import marks, replace_between
from peers import find_sets

from bitocr import Reader
from bitocr.cli.options import read_words
from bitocr.errors import BitocrError
from bitocr.inspect.metrics import score
from bitocr.io import shipped
from bitocr.io.images import load
from bitocr.io.labels import read_labels
from bitocr.native.engine import Engine

DEFAULT = "reread (default)"
OWN = "the set's own words"
HEAD = "| set | decoding | accuracy, % | CER, % | exact, % | time |\n|---|---|---|---|---|---|"


def open_readers(model: str, words: Path | None) -> dict[str, Reader]:
    """The decodings. Each one, except the last, adds one thing to the one before."""
    default = Engine(shipped.find(model), beam=None, language_model="auto", models=shipped.FOLDER)
    ngram, listed = default.ngram_file, default.words_file
    readers = {
        "greedy": Reader(model, beam=0, reread=0),
        "beam 16": Reader(model, beam=16, language_model=None, reread=0),
    }
    if ngram is not None:
        readers["n-grams"] = Reader(model, language_model=ngram, reread=0)
    if ngram is not None and listed is not None:
        readers["n-grams, reread"] = Reader(model, language_model=ngram)
        readers["n-grams, words"] = Reader(model, reread=0)
    readers[f"{list(readers)[-1]}, {DEFAULT}"] = Reader(model)
    if words is not None:
        readers[f"the default with {words.name}"] = Reader(model, words=read_words(words))
    return readers


def own_words(labels: Path) -> list[str]:
    """All distinct words of a set's labels."""
    return sorted({word for _, text in read_labels(labels) for word in text.split()})


def readers_with(model: str, words: list[str]) -> dict[str, Reader]:
    """Readers without these words, with them, and with only them."""
    return {
        "greedy": Reader(model, beam=0, reread=0),
        "default": Reader(model),
        f"default, {OWN}": Reader(model, words=words),
        f"{OWN} alone": Reader(model, language_model=None, words=words),
    }


def measure(readers: dict[str, Reader], labels: Path, title: str, protocol: str, limit: int | None) -> list[str]:
    """A row of the table for each decoding; `title` is the name of the set."""
    labelled = [(load(path), text) for path, text in read_labels(labels, limit)]
    pairs: dict[str, list[tuple[str, str]]] = {name: [] for name in readers}
    seconds = dict.fromkeys(readers, 0.0)
    for reader in readers.values():
        reader.read_line(labelled[0][0])  # opens what is opened at first use
    for image, text in labelled:
        for name, reader in readers.items():
            start = time.process_time()
            reading = reader.read_line(image).text
            seconds[name] += time.process_time() - start
            pairs[name].append((text, reading))
    rows = []
    for name, found in pairs.items():
        result = score(found, protocol)
        exact = sum(text == reading for text, reading in found) / len(found)
        figures = f"{100 * result.accuracy:.1f} | {100 * result.cer:.2f} | {100 * exact:.1f}"
        rows.append(f"| {title} | {name} | {figures} | {seconds[name] / seconds['greedy']:.2f} |")
    return rows


def all_rows(arguments: argparse.Namespace) -> Iterator[str]:
    """The rows of each set, in order. With several folders, the sets' names include theirs."""
    readers = {} if arguments.own_words else open_readers(arguments.model, arguments.words)
    for data in arguments.data:
        for labels, protocol in find_sets(data).get(arguments.language, {}).items():
            if arguments.own_words:
                if protocol != "scene":
                    continue
                readers = readers_with(arguments.model, own_words(labels))
            title = "/".join(labels.absolute().parts[-3:-1] if len(arguments.data) > 1 else labels.parts[-2:-1])
            yield from measure(readers, labels, title, protocol, arguments.limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--model", default="english")
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--doc", type=Path, default=None)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--words", type=Path, default=None)
    chosen.add_argument("--own-words", action="store_true")
    arguments = parser.parse_args()
    print(HEAD)
    rows = []
    for row in all_rows(arguments):
        print(row, flush=True)
        rows.append(row)
    if arguments.doc is not None:
        script = f"decoding.py{' --own-words' if arguments.own_words else ''}"
        replace_between(*marks(script), arguments.doc, "\n".join([HEAD, *rows]))


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"decoding: {error}")
