"""Building n-gram models: probabilities, what is kept, files, the command."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import tiny_ngram
from bitocr.errors import UsageError
from bitocr.lab.data.charset import Charset
from bitocr.lab.ngram import texts
from bitocr.lab.ngram.counts import TEXTS, build, count
from bitocr.lab.ngram.symbols import DIGIT, END, OTHER, Symbols
from bitocr.lab.ngram.texts import gather, mixed, read_frequencies
from conftest import Result


def run_of(*symbols: int) -> str:
    return "".join(map(chr, symbols))


def test_witten_bell_by_hand() -> None:
    """Only 'a' and 'b': the unigrams a, b and two ends, and after the start one a and one b."""
    texts = {run_of(END, 3, END): 1.0, run_of(END, 4, END): 1.0}
    model = build(texts, symbols=5, order=2, room=10_000, size=lambda length, is_first: 4 * length)
    n = TEXTS / 2
    unigram = (n + 3 / 5) / (4 * n + 3)
    found = [model.probabilities[run_of(*gram)] for gram in ((3,), (END,), (END, 3))]
    expected = [unigram, (2 * n + 3 / 5) / (4 * n + 3), (n + 2 * unigram) / (2 * n + 2)]
    assert found == pytest.approx(expected, rel=1e-9)  # what comes from shorter n-grams is a millionth here
    singles, pairs = count({"\0\3\0": 1.0}, symbols=4, order=2)
    assert singles.counts.tolist() == [TEXTS, 0, 0, TEXTS]
    assert (pairs.keys.tolist(), pairs.counts.tolist()) == ([0b0011, 0b1100], [TEXTS, TEXTS])


def test_too_many_symbols_for_the_order() -> None:
    assert len(count({"\0\3\0": 1.0}, symbols=7000, order=4)) == 4
    with pytest.raises(UsageError, match="n-grams of 5 symbols are too long for 7,000 symbols: use at most 4"):
        count({"\0\3\0": 1.0}, symbols=7000, order=5)


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("room", [0, 60, 100, 10_000])
def test_probabilities_of_what_may_follow_add_up_to_one(order: int, room: int) -> None:
    model = tiny_ngram.model(order, room)
    beginnings = {gram[:-1] for gram in model.probabilities}
    for h in beginnings | {run_of(3, 4, 3), run_of(END, DIGIT)}:
        total = sum(model.probability(h, run_of(c)) for c in range(tiny_ngram.SYMBOLS.count))
        assert 0.9 < total < 1.0001  # less where a back-off weight would have to be above 1


def test_what_is_kept_is_a_tree_that_fits() -> None:
    whole = tiny_ngram.model(4)
    for room in (60, 100, 150):
        kept = tiny_ngram.model(4, room).probabilities
        assert sum(2 if len(gram) == 4 else 4 for gram in kept) <= max(room, 4 * tiny_ngram.SYMBOLS.count)
        assert all(gram[:-1] in kept for gram in kept if len(gram) > 1)
        assert kept.keys() < whole.probabilities.keys()


def test_what_is_kept_of_many_symbols_fits() -> None:
    symbols = tiny_ngram.SYMBOLS_OF[2]
    for order, room in ((2, 2500), (3, 2500), (4, 3000)):
        kept = tiny_ngram.model(order, room, 2)
        data = tiny_ngram.data(order, room, version=2)
        assert room - 4 < len(data) - 64 - 6 * len(symbols.table()) - len("a card") <= room + 4
        assert all(gram[:-1] in kept.probabilities for gram in kept.probabilities if len(gram) > 1)


def test_symbols() -> None:
    symbols = Symbols(["Ab", "É", "ß 7", "don't", "x!"])
    assert symbols.fold("  a  7-A ") == run_of(END, symbols["a"], END, DIGIT, OTHER, symbols["a"], END)
    assert symbols["é"] == symbols["É"] > DIGIT
    assert symbols["q"] == symbols["?"] == OTHER != symbols["'"]
    table = {c: (symbol, case) for c, symbol, case in symbols.table()}
    assert table["b"] == (symbols["b"], 1)
    assert table["B"] == (symbols["b"], 2)
    assert table["9"] == (DIGIT, 0)
    assert table[" "] == (END, 0)
    assert [ord(c) for c in table] == sorted(map(ord, table))
    hanzi = [chr(0x4E00 + i) for i in range(400)]
    assert Symbols(hanzi).count == 255
    many = Symbols(hanzi, Charset("".join(hanzi[:300])))
    assert (many.count, many[hanzi[299]], many[hanzi[300]]) == (304, 303, OTHER)
    signs = Symbols(["⑬"], Charset("a⑬。%"))
    assert (signs.count, signs["。"] > DIGIT, signs["⑬"] > DIGIT, signs["%"]) == (7, True, True, OTHER)
    assert (many.are_many, Symbols(hanzi).are_many, Symbols(["a"], Charset("ab")).are_many) == (True, False, False)


def test_frequencies_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("\ufeffzwei\t16\n\neins\nzwei\t16\r\n", "utf-8")
    assert read_frequencies(path) == {"zwei": 16.0, "eins": 1.0}
    for bad, message in (("a\tmany", "line 1: expected"), ("a\t-1", "line 1"), ("a\tnan", "line 1"), ("", "no words")):
        path.write_text(bad)
        with pytest.raises(UsageError, match=message):
            read_frequencies(path)


def test_shares() -> None:
    found = mixed({"words": {"a": 3.0, "b": 1.0}, "lines": {"a": 5.0}}, {"words": 0.6, "tokens": 3, "lines": 0.4})
    assert found["b"] == pytest.approx(0.25 * 0.6)
    assert sum(found.values()) == pytest.approx(1)


def test_unknown_language() -> None:
    with pytest.raises(UsageError, match="no words of 'klingon': choose from cs, da, "):
        gather("klingon")


def test_the_command(run: Callable[..., Result], tmp_path: Path, model: Path) -> None:
    (tmp_path / "words.tsv").write_text("zebra\t5\ngnu\t2\n")
    (tmp_path / "lines.txt").write_text("a zebra, a gnu\n")
    made = [tmp_path / "one.ngram", tmp_path / "two.ngram"]
    for path in made:
        options = [
            "--words",
            tmp_path / "words.tsv",
            "--lines",
            tmp_path / "lines.txt",
            "--size",
            3000,
            "--order",
            4,
            "--drawn",
            300,
        ]
        result = run("ngram", path, *options, "--weight", 0.5)
        assert (result.code, result.err) == (0, "")
    data = made[0].read_bytes()
    assert data == made[1].read_bytes()
    assert abs(len(data) - 3000) <= 8
    assert struct.unpack_from("<f", data, 52) == (0.5,)
    image = Path(__file__).parent / "data" / "bank.png"
    assert run("read", "--line", image, "--model", model, "--language-model", made[0]).code == 0
    assert run("ngram", tmp_path / "no" / "a.ngram", "--words", tmp_path / "words.tsv").code == 2
    assert run("ngram", made[0], "--language", "klingon").code == 2


def test_the_command_for_chinese(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "VOCABULARY", 2000)
    (tmp_path / "lines.txt").write_text("公共场所禁止吸烟\n禁止停车\n", "utf-8")
    out = tmp_path / "zh.ngram"
    options = ["--lines", tmp_path / "lines.txt", "--size", 120_000, "--sources", "signs, CC0", "--drawn", 200]
    result = run("ngram", out, "--language", "zh", *options)
    assert (result.code, result.err) == (0, "")
    data = out.read_bytes()
    version, order, symbols = struct.unpack("<8x2I16xI", data[:36])
    assert (version, order, symbols > 6500) == (2, 3, True)
    assert 119_990 <= len(data) <= 120_000
    assert data.endswith(b"BSD-3-Clause). Lines: signs, CC0")
