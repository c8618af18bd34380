"""`bitocr eval --pages`: how well whole pages are found and read."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.options import open_reader
from bitocr.cli.output import print_json, with_name
from bitocr.inspect.pages.score import Predictions, score_pages
from bitocr.inspect.pages.truth import read_truth
from bitocr.language.unicode_forms import normalise
from bitocr.progress import Progress

SHOWN = ("cells", "iou50", "iou50_words", "alnum", "words", "chars")


def run(args: Namespace) -> int:
    pages = read_truth(args.pages, args.limit)
    reader = open_reader(args)
    start = time.perf_counter()
    made, failed = read_all(reader, args, pages)
    seconds = (time.perf_counter() - start) / len(pages)
    result = score_pages(pages, made, args.partial, is_chinese(pages))
    result |= {"seconds": round(seconds, 4), "model": args.model, "threads": reader.threads, "failed": failed}
    print_json(result) if args.json else _print(result)
    return SOME_FAILED if failed else OK


def read_all(reader: Any, args: Namespace, pages: Sequence[dict[str, Any]]) -> tuple[dict[str, Predictions], int]:
    """By image, the lines in reading order; and how many images could not be read, which are pages without lines."""
    made: dict[str, Predictions] = {}
    failed = 0
    images = [args.pages.parent / page["image"] for page in pages]
    with Progress() as show:
        for done, found in enumerate(reader.read_pages(images, errors="return"), 1):
            if found.error is not None:
                failed += 1
                fail(with_name(str(images[done - 1]), found.error))
            lines = [] if found.error else [line for block in found.blocks for line in block.lines]
            made[pages[done - 1]["image"]] = [{"text": line.text, "polygon": line.quad} for line in lines]
            show("reading", done, len(pages))
    return made, failed


def is_chinese(pages: Sequence[dict[str, Any]]) -> bool:
    """Whether most characters of the pages' texts are hanzi, between which spaces mean nothing."""
    text = normalise("".join(page.get("text") or "" for page in pages))
    return 2 * sum("\u4e00" <= character <= "\u9fff" for character in text) > len(text)


def _print(result: dict[str, Any]) -> None:
    print(f"pages      {result['pages']}, {result['items']} items, {result['predictions']} lines found")
    for name in SHOWN:
        if name in result:
            shares = "  ".join(f"{key} {value:.2f}" for key, value in result[name].items())
            print(f"{name:10} {shares}")
    for name in ("split", "merged"):
        if name in result:
            print(f"{name:10} {result[name]:.2f} %")
    if "page_cer" in result:
        print(f"{'page cer':10} " + "  ".join(f"{key} {value:.2f}" for key, value in result["page_cer"].items()))
    print(f"time       {result['seconds']:.3f} s a page, threads: {result['threads']}")
