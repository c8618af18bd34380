"""Tesseract's interface: the command, pytesseract's functions, and pytesseract itself with the command."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bitocr import pytesseract
from bitocr.errors import BitocrError, UsageError
from bitocr.integrations import tesseract, tesseract_command
from bitocr.integrations.tesseract import Request

DATA = Path(__file__).parent / "data"
RECEIPT, LINE = DATA / "pages" / "receipt.gif", DATA / "bank.png"
TEXT = "THE CORNER SHOP\n\nCoffee 2 5.60\nOrange juice 1 3.20\nSandwich 3 14.85\nTotal 23.65\n\f"


def command(*argv: object) -> int:
    return tesseract_command.run([str(each) for each in argv])


def test_outputs_go_beside_each_other(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert command(RECEIPT, out, "-l", "eng", "--psm", "6", "--oem", "1", "tsv", "hocr", "pdf", "txt", "makebox") == 0
    files = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(files) == [".box", ".hocr", ".pdf", ".tsv", ".txt"]
    assert files[".txt"].decode() == TEXT
    assert files[".pdf"].startswith(b"%PDF")
    letter, left, bottom, *_ = files[".box"].decode().split()
    assert (letter, int(left), int(bottom)) == ("T", pytest.approx(61, abs=2), pytest.approx(143, abs=2))


def test_standard_streams(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RECEIPT.read_bytes())))
    assert command("stdin", "stdout") == 0
    assert capfdbinary.readouterr() == (TEXT.encode(), b"")


@pytest.mark.parametrize(
    ("psm", "words"),
    [(7, ["AGRICULTURAL", "BANK", "OF", "CHINA"]), (13, ["AGRICULTURAL", "BANK", "OF", "CHINA"])],
)
def test_a_line_has_the_boxes_of_its_words(psm: int, words: list[str]) -> None:
    found = pytesseract.image_to_data(LINE, config=f"--psm {psm}", output_type=pytesseract.Output.DICT)
    rows = [i for i, level in enumerate(found["level"]) if level == 5]
    assert [found["text"][i] for i in rows] == words
    lefts = [found["left"][i] for i in rows]
    assert lefts == sorted(lefts)
    assert lefts[1] == pytest.approx(149, abs=8)  # of 300 pixels


def test_the_whitelist_is_what_may_be_read() -> None:
    text = pytesseract.image_to_string(RECEIPT, config="-c tessedit_char_whitelist=0123456789.")
    assert text == "2 5.60\n1 3.20\n3 14.85\n\n23.65\n\f"
    assert pytesseract.image_to_string(RECEIPT, config="digits").split() == text.split()


@pytest.mark.parametrize(
    ("listed", "psm", "allow"),
    [("abc", 10, "abc"), ("0-9", 10, r"0\-9"), ("a]^", 6, r"a\]\^ "), ("", 6, None)],
)
def test_every_sign_of_a_whitelist_is_itself(listed: str, psm: int, allow: str | None) -> None:
    assert Request(psm=psm, variables={tesseract.WHITELIST: listed}).allow == allow
    if allow:
        tesseract.reader_of("eng").read_line(np.zeros((9, 9), np.uint8), allow=allow)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["none.png", "out"], "none.png: No such file or directory"),
        ([RECEIPT, "none/out"], "cannot write none/out.txt"),
        ([RECEIPT], "say what to read and where to write"),
        ([RECEIPT, "out", "-l", "fra"], "no language 'fra': it is chi_sim or eng"),
        ([RECEIPT, "out", "--psm", "0"], "--psm 0 is not offered"),
        ([RECEIPT, "out", "--psm", "14"], "not a whole number from 0 to 13"),
        ([RECEIPT, "out", "-c", "x"], "a variable is NAME=VALUE"),
        ([RECEIPT, "out", "--what"], "unrecognized arguments: --what"),
    ],
)
def test_wrong_usage_gets_one_line(argv: list[Any], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*argv) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert message in err


def test_the_version_and_the_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert (command("--version"), command("--list-langs")) == (0, 0)
    assert capsys.readouterr().out.split()[:2] == ["tesseract", tesseract.VERSION]
    assert command("--help") == 0
    assert pytesseract.get_languages() == ["chi_sim", "eng"]
    assert str(pytesseract.get_tesseract_version()) == tesseract.VERSION


def test_chinese_is_another_model() -> None:
    hanzi = DATA / "lines" / "chinese-words-00.png"
    labels = dict(row.split("\t")[:2] for row in (DATA / "lines" / "labels.tsv").read_text("utf-8").splitlines())
    text = pytesseract.image_to_string(hanzi, lang="chi_sim", config="--psm 7").strip()
    assert len(set(text) & set(labels[hanzi.name])) >= len(text) - 2


def readme_calls(module: Any, image: Any, path: str) -> list[Any]:
    """The calls in the README of pytesseract 0.3.13, except those for languages and orientation."""
    return [
        module.get_languages(config=""),
        module.image_to_string(image),
        module.image_to_string(path),
        module.image_to_string(path, timeout=30),
        module.image_to_string(np.asarray(image.convert("RGB"))),
        module.image_to_string(image, config=r"--oem 3 --psm 6"),
        module.image_to_boxes(image),
        module.image_to_data(image),
        module.image_to_data(image, output_type=module.Output.DICT),
        module.image_to_boxes(image, output_type=module.Output.DICT),
        module.image_to_string(image, output_type=module.Output.BYTES),
        module.image_to_pdf_or_hocr(image, extension="pdf")[:5],
        module.image_to_pdf_or_hocr(image, extension="hocr")[:5],
        module.image_to_alto_xml(image)[:5],
    ]


def test_the_calls_of_pytesseracts_readme() -> None:
    with Image.open(RECEIPT) as image:
        calls = readme_calls(pytesseract, image, str(RECEIPT))
    assert calls[1:6] == [TEXT] * 5
    assert calls[10:] == [TEXT.encode(), b"%PDF-", b"<?xml", b"<?xml"]
    pytesseract.pytesseract.tesseract_cmd = "anything"


@pytest.mark.parametrize("image", [b"", b"no image", "missing.png", np.zeros((3, 3)), None])
def test_bad_images_raise_what_pytesseract_raises(image: Any) -> None:
    with pytest.raises(pytesseract.TesseractError) as error:
        pytesseract.image_to_string(image)
    assert isinstance(error.value, (RuntimeError, BitocrError))
    assert "\n" not in error.value.message


def test_a_configuration_that_is_none() -> None:
    for config in ("'", "--help", "--psm x"):
        with pytest.raises(pytesseract.TesseractError):
            pytesseract.image_to_string(RECEIPT, config=config)
    with pytest.raises(UsageError):
        tesseract_command.parse_request(["--help"])


@pytest.mark.slow
def test_data_frames_need_pandas() -> None:
    import pandas

    frame = pytesseract.image_to_data(RECEIPT, output_type=pytesseract.Output.DATAFRAME)
    assert isinstance(frame, pandas.DataFrame)
    assert frame[frame.level == 5].text.tolist() == TEXT.split()


@pytest.mark.slow
def test_pytesseract_itself_runs_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pytesseract as original

    script = shutil.which("bitocr-tesseract", path=str(Path(sys.executable).parent)) or str(tmp_path / "command")
    if not Path(script).exists():  # installed without its scripts
        Path(script).write_text(f"#!{sys.executable}\nfrom bitocr.integrations.tesseract_command import main\nmain()\n")
        Path(script).chmod(0o755)
    monkeypatch.setattr(original.pytesseract, "tesseract_cmd", script)
    with Image.open(RECEIPT) as image:
        theirs, ours = (readme_calls(module, image, str(RECEIPT)) for module in (original, pytesseract))
    assert theirs == ours
    assert str(original.get_tesseract_version()) == tesseract.VERSION
    with pytest.raises(original.TesseractError, match="no language 'fra'"):
        original.image_to_string(str(RECEIPT), lang="fra")
    assert subprocess.run([script, "x"], capture_output=True).returncode == 1
