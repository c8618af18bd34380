"""What beam search, the n-gram model, words and reading again add to greedy decoding, and what they take.

    python benchmarks/decoding.py DIR [--model english] [--language en] [--limit N] [--words FILE]

DIR holds the test sets as for `make bench-peers`, of which those in the language are read; what is missing is left out.
--words adds a row: the default with these words too. Time is that of the processor for a whole reading, image to text,
against greedy decoding; the decodings take turns image by image, so that all see the same machine.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from peers import find_sets

from bitocr import Reader, bitfile, shipped
from bitocr.cli.options import read_words
from bitocr.errors import BitocrError
from bitocr.images import load
from bitocr.labels import read_labels
from bitocr.metrics import score

DEFAULT = "reread (default)"


def open_readers(model: str, words: Path | None) -> dict[str, Reader]:
    """The decodings, each but the last with one thing more than the one before."""
    card = bitfile.read(shipped.find(model))[0].get("card")
    ngram, listed = shipped.ngram_for(card), shipped.words_for(card)
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


def measure(readers: dict[str, Reader], labels: Path, protocol: str, limit: int | None) -> list[str]:
    """A row of the table for each decoding."""
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
        rows.append(f"| {labels.parent.name} | {name} | {figures} | {seconds[name] / seconds['greedy']:.2f} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="english")
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--words", type=Path, default=None)
    arguments = parser.parse_args()
    sets = find_sets(arguments.data).get(arguments.language, {})
    readers = open_readers(arguments.model, arguments.words)
    print("| set | decoding | accuracy, % | CER, % | exact, % | time |\n|---|---|---|---|---|---|")
    for labels, protocol in sets.items():
        for row in measure(readers, labels, protocol, arguments.limit):
            print(row, flush=True)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"decoding: {error}")
