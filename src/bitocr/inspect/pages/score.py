"""Scores what a reader of whole pages found and read.

pages.json is a list of pages {image, width, height, items, text?}; an item is {text, box: [left, top, right, bottom] or
quad: [[x, y] x 4], ignore?, words?}. Predictions are, by image, lists of {text, polygon}, lines or words, in reading
order.

    iou50     polygons matched one to one at IoU 0.5, at the granularity of the items; iou50_words: of their words
    cells     precision, recall, F of characters found, at any granularity (`found`); split, merged: shares beside it
    words     bag of words over all pages, split at spaces, every hanzi a word
    alnum     the same of runs of letters and digits, which does not care where a set puts its spaces: to steer by
    chars     texts of items and predictions that touch, joined and aligned: recall, precision, F; cer with misses and
              inventions
    page_cer  where a page has a text: edits between it and the predictions in their order, spaces and breaks as one
              space, none in Chinese; mean over characters, median over pages, and the mean in small letters

Items that are to be ignored, or have the text ###, neither reward nor punish. Items without text (null) count in
detection and take what is read there out of the texts. Partial: not all on the pages is labelled, so that recall alone
means something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bitocr.inspect.pages.found import Truth, detection, dots_of, is_hidden, paired
from bitocr.inspect.pages.groups import Group, groups_of
from bitocr.inspect.pages.shapes import Shape, corners_of
from bitocr.inspect.pages.texts import common, edits, flat, folded, tokens

Page = Mapping[str, Any]
Predictions = Sequence[Mapping[str, Any]]
UNREADABLE = "###"


class Tally:
    """Counts over pages, and each page's character error rate."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.page_cers: list[float] = []


def is_ignored(item: Mapping[str, Any]) -> bool:
    return bool(item.get("ignore") or item.get("difficult") or item.get("text") == UNREADABLE)


def truth_of(items: Sequence[Mapping[str, Any]]) -> tuple[Truth, list[Mapping[str, Any]]]:
    """The places of a page's items, and those of them that count."""
    counts = [max(1, len(flat(item["text"]))) if item.get("text") else None for item in items]
    shapes = [Shape(corners_of(item), count or 2) for item, count in zip(items, counts, strict=True)]
    full = [count or max(1, round(2 * s.length / s.height)) for count, s in zip(counts, shapes, strict=True)]
    cared = [i for i, item in enumerate(items) if not is_ignored(item)]
    hidden = [shapes[i] for i, item in enumerate(items) if is_ignored(item)]
    return Truth([shapes[i] for i in cared], [full[i] for i in cared], hidden), [items[i] for i in cared]


def add_page(tally: Tally, page: Page, predictions: Predictions, partial: bool = False, chinese: bool = False) -> None:
    """Adds one page to the tally."""
    read = [prediction.get("text") or "" for prediction in predictions]
    wanted = [page["text"]] if page.get("text") else []
    if page.get("items"):
        texts = add_items(tally, page["items"], predictions, partial)
        if not wanted:
            wanted, read = texts
    add_words(tally, wanted, read)
    if page.get("text"):
        add_page_text(tally, page["text"], "\n".join(read), "" if chinese else " ")


def add_items(
    tally: Tally, items: Sequence[Mapping[str, Any]], predictions: Predictions, partial: bool
) -> tuple[list[str], list[str]]:
    """Adds detection and the texts of what touches; returns the texts of items and predictions that count."""
    truth, cared = truth_of(items)
    shapes = [Shape(p["polygon"], max(2, len(p.get("text") or ""))) for p in predictions]
    dots = [dots_of(shape) for shape in shapes]
    kept = [j for j, points in enumerate(dots) if not is_hidden(points, truth.hidden)]
    made, dots = [shapes[j] for j in kept], [dots[j] for j in kept]
    tally.counts.update(detection(truth, made, dots))
    add_word_boxes(tally, cared, made)
    read = [predictions[j].get("text") or "" for j in kept]
    groups = groups_of(truth, made, dots)
    nulls = {j for group in groups if any(cared[i].get("text") is None for i in group.items) for j in group.made}
    texts: list[str] = []
    for group in groups:
        if all(cared[i].get("text") is not None for i in group.items):
            add_group(tally, group, truth, cared, made, read, partial)
            texts += [cared[i]["text"] for i in group.items]
    return texts, [text for j, text in enumerate(read) if j not in nulls]


def add_word_boxes(tally: Tally, items: Sequence[Mapping[str, Any]], made: Sequence[Shape]) -> None:
    words = [word for item in items for word in item.get("words") or []]
    if words:
        shapes = [Shape(corners_of(word), max(1, len(word["text"]))) for word in words]
        tally.counts.update(word_items=len(words), word_predictions=len(made), word_iou=paired(shapes, made))


def add_group(
    tally: Tally,
    group: Group,
    truth: Truth,
    items: Sequence[Mapping[str, Any]],
    made: Sequence[Shape],
    read: Sequence[str],
    partial: bool,
) -> None:
    wanted = in_lines((truth.shapes[i], flat(items[i]["text"])) for i in group.items)
    found = in_lines((made[j], flat(read[j])) for j in group.made)
    if wanted or not partial:
        tally.counts.update(
            chars=len(wanted),
            chars_made=len(found),
            chars_common=common(wanted, found),
            chars_edits=edits(wanted, found),
        )


def in_lines(parts: Iterable[tuple[Shape, str]]) -> str:
    """Texts in the order of lines: boxes whose middles lie within half a height of a line's first one are in it."""
    rows: list[list[tuple[Shape, str]]] = []
    for shape, text in sorted(parts, key=lambda part: float(part[0].centre[1])):
        for row in rows:
            first = row[0][0]
            if abs(first.centre[1] - shape.centre[1]) < 0.5 * min(first.height, shape.height):
                row.append((shape, text))
                break
        else:
            rows.append([(shape, text)])
    ordered = (sorted(row, key=lambda part: float(part[0].centre[0])) for row in rows)
    return "".join(text for row in ordered for _, text in row)


def add_words(tally: Tally, wanted: Sequence[str], read: Sequence[str]) -> None:
    for name in ("words", "alnum"):
        theirs, ours = (
            Counter(token for text in texts for token in tokens(text, name == "alnum")) for texts in (wanted, read)
        )
        tally.counts.update(
            {
                f"{name}_true": theirs.total(),
                f"{name}_made": ours.total(),
                f"{name}_both": (theirs & ours).total(),
            }
        )


def add_page_text(tally: Tally, wanted: str, read: str, joint: str) -> None:
    truth, found = (joint.join(folded(text).split()) for text in (wanted, read))
    wrong = edits(truth, found)
    tally.counts.update(page_chars=len(truth), page_edits=wrong, page_edits_lower=edits(truth.lower(), found.lower()))
    tally.page_cers.append(wrong / max(1, len(truth)))


def shares(right: int, wanted: int, good: int, made: int) -> dict[str, float]:
    """Precision, recall and their harmonic mean, in per cent."""
    recall, precision = right / wanted if wanted else 0.0, good / made if made else 0.0
    mean = 200 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": round(100 * precision, 2), "recall": round(100 * recall, 2), "hmean": round(mean, 2)}


def summary(tally: Tally, partial: bool = False) -> dict[str, Any]:
    """The figures, in per cent; those that mean nothing are left out."""
    c, out = tally.counts, dict[str, Any]()
    if c["items"]:
        out["iou50"] = shares(c["iou"], c["items"], c["iou"], c["predictions"])
        if c["word_items"]:
            out["iou50_words"] = shares(c["word_iou"], c["word_items"], c["word_iou"], c["word_predictions"])
        out["cells"] = shares(c["cells_found"], c["cells"], c["dots_right"], c["dots"])
        out["split"] = round(100 * c["split"] / max(1, c["long_found"]), 2)
        out["merged"] = round(100 * c["merged"] / max(1, c["predictions"]), 2)
    if c["words_true"] or c["words_made"]:
        for name in ("words", "alnum"):
            out[name] = shares(c[f"{name}_both"], c[f"{name}_true"], c[f"{name}_both"], c[f"{name}_made"])
    if c["chars"]:
        out["chars"] = shares(c["chars_common"], c["chars"], c["chars_common"], c["chars_made"])
        out["chars"]["cer"] = round(100 * c["chars_edits"] / c["chars"], 2)
    if partial:
        out = {name: {"recall": v["recall"]} if isinstance(v, dict) else v for name, v in out.items()}
    if c["page_chars"]:
        mean, lower = (100 * c[name] / c["page_chars"] for name in ("page_edits", "page_edits_lower"))
        median = 100 * float(np.median(tally.page_cers))
        out["page_cer"] = {"mean": round(mean, 2), "median": round(median, 2), "lower": round(lower, 2)}
    return out


def score_pages(
    pages: Sequence[Page], predictions: Mapping[str, Predictions], partial: bool = False, chinese: bool = False
) -> dict[str, Any]:
    """The figures of the pages that there are predictions for, of whichever number, and how many those are."""
    tally = Tally()
    scored = [page for page in pages if page["image"] in predictions]
    for page in scored:
        add_page(tally, page, predictions[page["image"]], partial, chinese)
    counts = {"pages": len(scored), "items": tally.counts["items"], "predictions": tally.counts["predictions"]}
    return {**counts, **summary(tally, partial)}
