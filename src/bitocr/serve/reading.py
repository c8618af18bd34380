"""Reading a file from its bytes to its pages, within a thread of the pool."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitocr.lines import Line
from bitocr.page import Page
from bitocr.reader import Reader
from bitocr.serve.decoders import Decoders, Opening
from bitocr.serve.documents import check_readable, pages
from bitocr.serve.errors import RequestError, out_of_time, too_large
from bitocr.serve.filtering import without_unsure
from bitocr.serve.parameters import Parameters
from bitocr.serve.readers import Readers
from bitocr.serve.sizes import Size


class Reading(NamedTuple):
    """A page (or a line, with line=1) and its number, from 1."""

    number: int
    result: Page | Line


class Job(NamedTuple):
    """A file to read, of this size. deadline: of `time.monotonic`."""

    data: bytes
    parameters: Parameters
    size: Size
    max_pages: int
    deadline: float


def read(job: Job, readers: Readers, decoders: Decoders) -> Iterator[Reading]:
    """The pages of a file, as they are read. Raises BitocrError, and RequestError if it takes too long."""
    wanted, found = job.parameters, False
    check_time(job.deadline)
    reader = readers.get(wanted.model, wanted.words)
    for number, page in enumerate(_decoded(job, decoders), 1):
        check_time(job.deadline)
        if number > job.max_pages:
            raise too_large(f"more than {job.max_pages} pages in the file: name some by pages")
        if wanted.wants(number):
            found = True
            yield Reading(number, _read_page(reader, page, wanted))
        if number >= wanted.last_page:
            break
    if not found:
        raise RequestError(400, f"pages={wanted.pages}: the file has no such page")


def _decoded(job: Job, decoders: Decoders) -> Iterator[Page | NDArray[np.uint8]]:
    file = Opening(job.data, job.size.limit, job.parameters.line)
    if job.size.is_everyday:
        return pages(*file)
    check_readable(job.data)
    return decoders.pages(file, job.deadline)


def check_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise out_of_time()


def _read_page(reader: Reader, page: Page | NDArray[np.uint8], wanted: Parameters) -> Page | Line:
    if isinstance(page, Page):
        return without_unsure(page, wanted.min_confidence)
    limits = {"allow": wanted.allow, "pattern": wanted.pattern, "check": wanted.check}
    if not wanted.line:
        return without_unsure(reader.read(page, **limits), wanted.min_confidence)
    line = reader.read_line(page, **limits)
    return replace(line, text="", chars=()) if line.confidence < wanted.min_confidence else line
