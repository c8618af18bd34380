"""N-gram models in the engine: comparison with brute force over all texts, damaged files, many threads."""

from __future__ import annotations

import functools
import itertools
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import random_model
import tiny_ngram
from bitocr import Reader
from bitocr.errors import ModelError, UsageError
from bitocr.io import bitfile, shipped
from bitocr.lab.data.charset import open_charset
from bitocr.native.engine import Engine
from conftest import CHARSET, picture
from test_engine_ctc import all_paths, letter_count, random_logprobs, total


@functools.cache
def engine(charset: str) -> Engine:
    return Engine(random_model.model(charset))


def sharp(text: str, p: float = 0.9, charset: str = CHARSET) -> np.ndarray:
    """Log-probabilities of a network that sees the text with probability p, and otherwise any class."""
    labels = list(itertools.chain.from_iterable((charset.index(c) + 1, 0) for c in text))
    probs = np.full((len(labels), len(charset) + 1), (1 - p) / len(charset))
    probs[range(len(labels)), labels] = p
    return np.log(probs).astype(np.float32)


CHARSETS = {1: ["ab ", "bA", "aB1", "aé'", "-b"], 2: ["ab ", "bA", "a丁b", "七丁", "a丐1"]}


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize(("version", "charset"), [(v, charset) for v in CHARSETS for charset in CHARSETS[v]])
@pytest.mark.parametrize("seed", range(3))
def test_beam_search_finds_the_text_of_the_highest_rank(version: int, charset: str, order: int, seed: int) -> None:
    logprobs = random_logprobs(5, len(charset) + 1, seed)
    ngrams = tiny_ngram.model(order, version=version)
    texts = all_paths(logprobs, charset)
    ranks = {text: total(paths) + tiny_ngram.value(ngrams, text, version=version) for text, paths in texts.items()}
    result = engine(charset).decode(logprobs, beam=256, ngram=tiny_ngram.data(order, version=version))
    assert ranks[result["text"]] == pytest.approx(max(ranks.values()), abs=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_words_and_ngrams_add_up(seed: int) -> None:
    charset, words = "ab ", ["ab", "bba"]
    logprobs = random_logprobs(5, 4, seed)
    ngrams = tiny_ngram.model()
    texts = all_paths(logprobs, charset)
    ranks = {
        t: total(p) + tiny_ngram.value(ngrams, t) + 0.8 * letter_count(t, set(words), "ab") for t, p in texts.items()
    }
    result = engine(charset).decode(logprobs, beam=256, words=words, word_bonus=0.8, ngram=tiny_ngram.data())
    assert ranks[result["text"]] == pytest.approx(max(ranks.values()), abs=1e-3)


def test_case_costs() -> None:
    ngrams = tiny_ngram.model()
    plain = tiny_ngram.value(ngrams, "abab")
    assert tiny_ngram.value(ngrams, "Abab") == tiny_ngram.value(ngrams, "ABAB") == plain
    for odd, times in (("abaB", 1), ("ABab", 1), ("ABAb", 1), ("aBab", 2), ("aBAB", 1)):
        assert tiny_ngram.value(ngrams, odd) == pytest.approx(plain - 0.9 * times)


def changed(offset: int, layout: str, value: float) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        parts = bytearray(data)
        struct.pack_into(layout, parts, offset, value)
        return bytes(parts)

    return change


def sealed(data: bytes) -> bytes:
    """The file with the right size and checksum."""
    return data[:16] + struct.pack("<QI", len(data), zlib.crc32(data[32:])) + data[28:]


@pytest.mark.parametrize("room", [0, 2600, 3000])
def test_pruned_files_of_many_symbols(room: int) -> None:
    ngrams, data = tiny_ngram.model(4, room, 2), tiny_ngram.data(4, room, version=2)
    logprobs = random_logprobs(5, 4, room)
    ranks = {t: total(p) + tiny_ngram.value(ngrams, t, version=2) for t, p in all_paths(logprobs, "a丁b").items()}
    text = engine("a丁b").decode(logprobs, beam=256, ngram=data)["text"]
    assert ranks[text] == pytest.approx(max(ranks.values()), abs=1e-3)


TABLES = 64 + 4 * len(tiny_ngram.SYMBOLS.table())  # where the nodes' symbols begin
NODES = len(tiny_ngram.model().probabilities) + 1

#: Damage, whether the checksum is put right after it, and what is said.
HOSTILE: dict[str, tuple[Callable[[bytes], bytes], bool, str]] = {
    "empty": (lambda d: b"", False, "this is not a bitocr n-gram file"),
    "short": (lambda d: d[:63], False, "this is not a bitocr n-gram file"),
    "another magic": (lambda d: b"\x89BITOCR\n" + d[8:], False, "this is not a bitocr n-gram file"),
    "newer": (changed(8, "<I", 3), False, "format version 3"),
    "the other version": (changed(8, "<I", 2), True, "cut off"),
    "version 0": (changed(8, "<I", 0), False, "format version 0"),
    "cut": (lambda d: d[:-1], False, "bytes where its start says"),
    "longer": (lambda d: d + b"x", False, "bytes where its start says"),
    "reserved": (changed(28, "<I", 1), False, "reserved"),
    "a flipped bit": (changed(TABLES + 3, "<B", 77), False, "checksum"),
    "order 0": (changed(12, "<I", 0), True, "sizes"),
    "order 9": (changed(12, "<I", 9), True, "sizes"),
    "1 symbol": (changed(32, "<I", 1), True, "sizes"),
    "256 symbols": (changed(32, "<I", 256), True, "sizes"),
    "characters": (changed(36, "<I", 2**32 - 1), True, "sizes"),
    "no nodes": (changed(40, "<I", 0), True, "sizes"),
    "many nodes": (changed(40, "<I", 2**32 - 1), True, "sizes"),
    "nodes beyond the end": (changed(40, "<I", 2**28), True, "cut off"),
    "no inner nodes": (changed(44, "<I", 0), True, "sizes"),
    "more inner nodes": (changed(44, "<I", NODES + 1), True, "sizes"),
    "unit 0": (changed(48, "<f", 0), True, "weights"),
    "unit NaN": (changed(48, "<f", float("nan")), True, "weights"),
    "weight -1": (changed(52, "<f", -1), True, "weights"),
    "weight infinite": (changed(52, "<f", float("inf")), True, "weights"),
    "bonus NaN": (changed(56, "<f", float("nan")), True, "weights"),
    "case cost -1": (changed(60, "<f", -1), True, "weights"),
    "characters out of order": (changed(64, "<I", 0x1FFFFF), True, "characters are not in order"),
    "a symbol too many": (changed(64, "<I", 0xFF000020), True, "characters are not in order"),
    "symbols out of order": (changed(TABLES + 1, "<B", 5), True, "symbols are not in order"),
    "a symbol that is none": (changed(TABLES + NODES - 1, "<B", 200), True, "symbols are not in order"),
    "too many children": (changed(TABLES + 2 * NODES, "<B", 255), True, "(tree|symbols)"),
    "no children": (changed(TABLES + 2 * NODES, "<B", 0), True, "tree is broken"),
}


ROWS = len(tiny_ngram.SYMBOLS_OF[2].table())
NODES_2, INNER_2 = struct.unpack_from("<2I", tiny_ngram.data(version=2), 40)
SYMBOLS_2 = 64 + 6 * ROWS
CHILDREN_2 = SYMBOLS_2 + 2 * NODES_2
PARENTS_2 = CHILDREN_2 + 2 * INNER_2 + NODES_2

HOSTILE_2: dict[str, tuple[Callable[[bytes], bytes], bool, str]] = {
    "the other version": (changed(8, "<I", 1), True, "sizes"),
    "a flipped bit": (changed(SYMBOLS_2 + 3, "<B", 77), False, "checksum"),
    "65536 symbols": (changed(32, "<I", 65536), True, "sizes"),
    "nodes beyond the end": (changed(40, "<I", 2**28), True, "cut off"),
    "inner nodes beyond the end": (changed(44, "<I", NODES_2), True, "cut off"),
    "fewer inner nodes": (changed(44, "<I", INNER_2 - 1), True, "(tree|symbols)"),
    "cut": (lambda d: d[: PARENTS_2 + 1], True, "cut off"),
    "a symbol too many": (changed(64 + 4 * ROWS, "<H", 60000), True, "characters are not in order"),
    "characters out of order": (changed(64, "<I", 0x1FFFFF), True, "characters are not in order"),
    "symbols out of order": (changed(SYMBOLS_2 + 2, "<H", 5), True, "symbols are not in order"),
    "a symbol that is none": (changed(CHILDREN_2 - 2, "<H", 60000), True, "symbols are not in order"),
    "too many children": (changed(CHILDREN_2, "<H", 65535), True, "(tree|symbols)"),
    "no children": (changed(CHILDREN_2, "<H", 0), True, "tree is broken"),
    "no root": (changed(PARENTS_2, "<B", 0), True, "tree is broken"),
    "a parent too many": (changed(PARENTS_2 + (NODES_2 - 1) // 8, "<B", 1), True, "tree is broken"),
}
HOSTILE_FILES = [(1, name) for name in HOSTILE] + [(2, name) for name in HOSTILE_2]


@pytest.mark.parametrize(("version", "name"), HOSTILE_FILES)
def test_damaged_files(version: int, name: str, tmp_path: Path) -> None:
    change, is_sealed, message = (HOSTILE if version == 1 else HOSTILE_2)[name]
    data = change(tiny_ngram.data(version=version))
    data = sealed(data) if is_sealed else data
    path = tmp_path / "bad.ngram"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(ModelError, match=message) as caught:
            engine("ab").decode(random_logprobs(4, 3, 0), ngram=source)
        assert "\n" not in str(caught.value)
        assert ("bad.ngram: " in str(caught.value)) == (source is path)


@pytest.mark.parametrize("version", tiny_ngram.VERSIONS)
def test_every_byte_may_be_wrong(version: int) -> None:
    data, logprobs = tiny_ngram.data(version=version), random_logprobs(9, 4, 0)
    rng = np.random.default_rng(0)
    for _ in range(400):
        parts = np.frombuffer(data, np.uint8).copy()
        parts[rng.integers(32, len(data), 3)] = rng.integers(0, 256, 3)
        try:
            text = engine("ab ").decode(logprobs, ngram=sealed(parts.tobytes()))["text"]
        except ModelError:
            continue
        assert set(text) <= set("ab ")


def test_senseless_values_do_no_harm() -> None:
    for value in (np.nan, np.inf, -np.inf, 1e30, -1e30):
        logprobs = random_logprobs(6, 4, 0)
        logprobs[2:4] = value
        assert isinstance(engine("ab ").decode(logprobs, ngram=tiny_ngram.data())["text"], str)


def test_many_images_and_threads(tmp_path: Path) -> None:
    path = tmp_path / "tiny.ngram"
    path.write_bytes(tiny_ngram.data())
    shared = Engine(random_model.model("ab A1'"), threads=3)
    images = [picture(seed, 32, 40 + 8 * seed) for seed in range(12)]
    alone = [Engine(random_model.model("ab A1'")).recognize([image], ngram=path)[0] for image in images]
    assert alone != shared.recognize(images)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: shared.recognize(images, ngram=path), range(12)))
    assert results == [alone] * 12


def test_an_ngram_file_takes_a_beam() -> None:
    with pytest.raises(UsageError, match="takes a beam of 2 or more"):
        engine("ab").decode(random_logprobs(4, 3, 0), beam=1, ngram=tiny_ngram.data())


UNHARMED = ("A1B2-99", "RM12.50", "03-5122 1701", "iPhone", "qwzxv", "TOTAL (RM)", "GST@6%", "X", "7", "#4711", "BOAC")


@pytest.mark.parametrize("text", UNHARMED)
def test_what_is_seen_clearly_is_read_as_it_is(text: str) -> None:
    english = shipped.find("english", ".ngram")
    assert engine(CHARSET).decode(sharp(text), ngram=english)["text"] == text


@pytest.mark.parametrize(("seen", "doubt", "text"), [("ChccoIate", "ol", "Chocolate"), ("STATI0N", "O", "STATION")])
def test_what_is_in_doubt_is_mended(seen: str, doubt: str, text: str) -> None:
    logprobs = sharp(seen)
    for t, (a, b) in enumerate(zip(seen, text, strict=True)):
        if a != b:
            assert b in doubt
            logprobs[2 * t, CHARSET.index(a) + 1] = np.log(0.5)
            logprobs[2 * t, CHARSET.index(b) + 1] = np.log(0.4)
    assert engine(CHARSET).decode(logprobs)["text"] == seen
    assert engine(CHARSET).decode(logprobs, ngram=shipped.find("english", ".ngram"))["text"] == text


CHINESE = open_charset("chinese").characters
UNHARMED_CHINESE = ("¥12.50", "138-0013-8000", "iPhone 15", "A座1203室", "WiFi密码:a1", "5月1日 14:30", "龙囍阁", "3℃")


@pytest.mark.parametrize("text", UNHARMED_CHINESE)
def test_what_is_seen_clearly_in_chinese_is_read_as_it_is(text: str) -> None:
    """Although each character looks a little like the most frequent one."""
    logprobs = sharp(text, 0.95, CHINESE)
    logprobs[::2, CHINESE.index("的") + 1] = np.log(0.02)
    chinese = shipped.find("chinese", ".ngram")
    assert engine(CHINESE).decode(logprobs, ngram=chinese)["text"] == text


@pytest.mark.parametrize(("seen", "text"), [("人名币", "人民币"), ("有限公可", "有限公司"), ("共亨单车", "共享单车")])
def test_what_is_in_doubt_in_chinese_is_mended(seen: str, text: str) -> None:
    logprobs = sharp(seen, charset=CHINESE)
    for t, (a, b) in enumerate(zip(seen, text, strict=True)):
        if a != b:
            logprobs[2 * t, CHINESE.index(a) + 1] = np.log(0.5)
            logprobs[2 * t, CHINESE.index(b) + 1] = np.log(0.4)
    assert engine(CHINESE).decode(logprobs)["text"] == seen
    assert engine(CHINESE).decode(logprobs, ngram=shipped.find("chinese", ".ngram"))["text"] == text


@pytest.mark.parametrize(("name", "most"), [("english", 1_150_000), ("chinese", 1_000_000)])
def test_the_shipped_files(name: str, most: int) -> None:
    path = shipped.find(name, ".ngram")
    assert path.stat().st_size <= most
    assert b"CC BY-SA 4.0" in path.read_bytes()


def test_readers_choose_by_the_models_language(model: Path) -> None:
    english = str(shipped.find("english", ".ngram"))
    same = [Reader(), Reader(language_model="english"), Reader(model, language_model=english)]
    assert {reader._engines[0].ngram_file for reader in same} == {english}
    none = [Reader(language_model=None), Reader(language_model="none"), Reader(beam=0), Reader(model)]
    assert {reader._engines[0].ngram_file for reader in none} == {None}


@pytest.mark.parametrize(
    ("languages", "name"),
    [
        (["en"], "english"),
        (["zh"], "chinese"),
        (["zh", "en"], "chinese"),
        (["en", "zh"], "chinese"),
        *((other, None) for other in ([], ["de"], ["en", "de"], ["EN"], ["en-GB"], ["enzh"], ["en-zh"])),
    ],
)
def test_n_grams_are_for_just_these_languages(languages: list[str], name: str | None) -> None:
    header = {**random_model.header(), "languages": languages}
    reader = Reader(bitfile.dump(header, random_model.tensors(header)))
    assert reader._engines[0].languages == languages
    assert reader._engines[0].ngram_file == (name and str(shipped.find(name, ".ngram")))
