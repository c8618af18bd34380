"""The charset: English is printable ASCII, and encoding and decoding are inverse."""

from __future__ import annotations

from pathlib import Path

import pytest

from bitocr.errors import UsageError
from bitocr.lab.data.charset import ENGLISH, Charset, open_charset
from bitocr.language.unicode_forms import normalise


def test_english_is_printable_ascii() -> None:
    assert "".join(chr(code) for code in range(32, 127)) == ENGLISH
    assert Charset().classes == 96


def test_round_trip() -> None:
    charset = Charset()
    assert charset.decode(charset.encode(ENGLISH)) == ENGLISH
    assert charset.encode("AB") == [34, 35]
    assert charset.decode([0, 34, 0, 34]) == "AA"


@pytest.mark.parametrize("text", ["caf\u00e9", "tab\t", "\u4e2d"])
def test_unknown_character(text: str) -> None:
    assert not Charset().covers(text)
    with pytest.raises(UsageError, match="has no"):
        Charset().encode(text)


@pytest.mark.parametrize(
    ("characters", "message"),
    [
        ("", "1 to 65535 characters"),
        ("aba", "'a' is there twice"),
        ("a\tb", r"'\\t' is a control character"),
        ("a\u2028", "a line break"),
        ("\ud800", "half of a character"),
        ("\u212b", r"U\+212B.* not in the form of labels: write '\u00c5'"),
        ("".join(map(chr, range(0x20000, 0x30001))), "1 to 65535"),
    ],
)
def test_bad_charset(characters: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Charset(characters)


@pytest.mark.parametrize(
    ("value", "characters"),
    [("english", ENGLISH), ("0123456789", "0123456789"), ("abc:12", "abc:12"), ("a\u0308o", "\u00e4o"), ("eng", "eng")],
)
def test_open_charset(value: str, characters: str) -> None:
    assert open_charset(value).characters == characters


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("ＡＢ，１２！～￥", "AB,12!~¥"),
        ("你好\u3000世界", "你好 世界"),
        ("｡ｱｶﾞ", "。アガ"),
        ("①℃…㎡", "①℃…㎡"),
        ("a\u0308", "\u00e4"),
        ("plain", "plain"),
    ],
)
def test_one_rule_for_wide_and_narrow_forms(text: str, label: str) -> None:
    assert normalise(text) == label == normalise(label)


def test_chinese_is_gb2312_and_more_behind_ascii_and_signs() -> None:
    gb2312 = pytest.importorskip("bitocr.lab.data.charsets.build_chinese", exc_type=ImportError).gb2312()
    characters = open_charset("chinese").characters
    assert characters.startswith(ENGLISH + "。、")
    assert len(gb2312) == 6763
    assert set(gb2312) | set("¥℃№①…《》“”—·囧堃") <= set(characters)
    assert 7000 < len(characters) < 7400
    assert characters.index("的") < characters.index("国") < characters.index("鼗")


@pytest.mark.parametrize("count", [3, 95, 2500])
def test_beginnings(tmp_path: Path, count: int) -> None:
    whole = open_charset("chinese").characters
    (tmp_path / "mine.txt").write_text(whole + "龘", encoding="utf-8")
    assert open_charset(f"chinese:{count}").characters == whole[:count]
    assert open_charset(f"{tmp_path / 'mine.txt'}:{count}").characters == whole[:count]


@pytest.mark.parametrize("value", ["chinese:0", "chinese:9999", "english:96"])
def test_beginnings_that_are_none(value: str) -> None:
    with pytest.raises(UsageError, match=f"{value}: .* has [0-9]+ characters"):
        open_charset(value)


@pytest.mark.parametrize(
    ("content", "characters"),
    [
        ("a\nb\n \nc", "ab c"),
        ("\ufeffabc\r\nde\r\n", "abcde"),
        ("a\n\u0308\n", "a\u0308"),
        ("\u4e2d\n\u6587\n\U00020000\n", "\u4e2d\u6587\U00020000"),
    ],
)
def test_a_charset_from_a_file(tmp_path: Path, content: str, characters: str) -> None:
    path = tmp_path / "signs.txt"
    path.write_bytes(content.encode())
    assert open_charset(str(path)).characters == characters


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), (b"", "1 to 65535"), (b"a\na\n", "twice"), (b"\xff\xfe", "UTF-8")],
)
def test_a_file_that_is_no_charset(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "signs.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"signs\.txt: .*{message}"):
        open_charset(str(path))
