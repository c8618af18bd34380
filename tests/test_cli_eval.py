"""`bitocr eval`: figures, bad label files, the contact sheet."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from bitocr import Reader
from bitocr.inspect.contact_sheet import MAX_ROWS, Misread, contact_sheet, mark_differences
from bitocr.inspect.metrics import normalise_line, normalise_scene, score
from conftest import Result, picture

Run = Callable[..., Result]


@pytest.fixture
def labels(tmp_path: Path, model: Path) -> Path:
    """Six images: two with right labels, two with errors, one with <html>, one without letters and digits."""
    reader = Reader(model)
    rows = []
    for seed in range(6):
        image = picture(seed, 32, 64)
        Image.fromarray(image).save(tmp_path / f"{seed}.png")
        text = reader.read_line(image).text
        text = {0: text, 1: text.upper(), 2: text + "zz9", 3: "wholly other", 4: "<b>&amp;</b>", 5: "!?"}[seed]
        rows.append(f"{seed}.png\t{text}\n")
    path = tmp_path / "labels.tsv"
    path.write_text("".join(rows), "utf-8")
    return path


def truths(labels: Path) -> list[str]:
    return [line.split("\t", 1)[1] for line in labels.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("protocol", ["scene", "line"])
def test_figures(run: Run, labels: Path, model: Path, protocol: str) -> None:
    result = run("eval", labels, "--protocol", protocol, "--model", model, "--json")
    lines = Reader(model).read_lines(sorted(labels.parent.glob("*.png")))
    expected = score(zip(truths(labels), [line.text for line in lines], strict=True), protocol)
    found = result.json
    assert (result.code, result.err) == (0, "")
    assert found["n"] == expected.n == {"scene": 5, "line": 6}[protocol]
    assert found["skipped"] == 6 - expected.n
    assert found["accuracy"] == pytest.approx(expected.accuracy, abs=1e-6)
    assert found["cer"] == pytest.approx(expected.cer, abs=1e-6)
    assert found["accuracy"] > 0.33
    assert 0 < found["ms_per_image"] < 1000
    assert (found["protocol"], found["failed"], found["threads"]) == (protocol, 0, 1)


def test_plain_and_limit_and_threads(run: Run, labels: Path, model: Path) -> None:
    result = run("eval", labels, "--protocol", "scene", "--model", model, "--limit", 2, "--threads", 2)
    assert re.search(r"images +2\naccuracy +100.00 %\ncer +0.00 %\ntime +\d+\.\d+ ms an image, threads: 2", result.out)


def test_the_exact_protocol(run: Run, labels: Path, model: Path) -> None:
    text = truths(labels)[0]
    labels.write_text(f"0.png\t{text}\n1.png\t{text}\n2.png\t\n", "utf-8")
    sheet = labels.parent / "sheet.html"
    argv = ("eval", labels, "--protocol", "exact", "--model", model)
    found = run(*argv, "--json", "--html", sheet).json
    readings = [line.text for line in Reader(model).read_lines([labels.parent / f"{seed}.png" for seed in range(3)])]
    expected = score(zip((text, text, ""), readings, strict=True), "exact")
    assert (found["n"], found["skipped"], found["empty"], found["invented"]) == (3, 0, 1, 1)
    assert found["accuracy"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["cer"] == pytest.approx(expected.cer, abs=1e-6)
    assert found["errors"] == {kind: expected.kinds[kind] for kind in ("case", "mark", "space", "letter")}
    assert sum(found["errors"].values()) == expected.edits
    assert len(re.findall("<figure>", sheet.read_text("utf-8"))) == 2
    printed = dict(line.split(None, 1) for line in run(*argv).out.splitlines())
    errors = found["errors"]
    assert printed["case"] == f"{errors['case']} ({100 * errors['case'] / found['letters']:.2f} in 100 letters)"
    assert [printed[name] for name in ("marks", "spaces", "others")] == [
        str(errors[kind]) for kind in ("mark", "space", "letter")
    ]
    assert printed["no"] == "text    1, of which 1 gave text"


def test_images_that_cannot_be_read_are_wrong(run: Run, labels: Path, model: Path) -> None:
    (labels.parent / "0.png").write_bytes(b"")
    (labels.parent / "1.png").unlink()
    before = run("eval", labels, "--protocol", "line", "--model", model, "--json", "--html", labels.parent / "s.html")
    assert before.code == 1
    assert (before.json["n"], before.json["failed"]) == (6, 2)
    assert [line.rpartition(": ")[2] for line in before.err.splitlines()] == ["empty", "No such file or directory"]
    assert "0.png: empty" in (labels.parent / "s.html").read_text("utf-8")


BAD_LABELS = [
    (b"", "no labels in it"),
    (b"\n\n", "no labels in it"),
    (b"0.png text without a tab\n", "line 1: expected"),
    (b"0.png\ta\n1.png\n", "line 2: expected"),
    (b"\ttext\n", "line 1: expected"),
    (b"a\0b\ttext\n", "line 1: expected"),
    (b"\xff\xfe0\0", "not a UTF-8 text file"),
]


@pytest.mark.parametrize(("content", "message"), BAD_LABELS)
def test_bad_label_files(run: Run, tmp_path: Path, model: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    result = run("eval", path, "--protocol", "scene", "--model", model, "--json")
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["none.tsv", "--protocol", "line"], "none.tsv: No such file"),
        (["/", "--protocol", "line"], "/: Is a directory"),
        (["{labels}"], "--protocol"),
        (["{labels}", "--protocol", "page"], "--protocol"),
        (["{labels}", "--protocol", "line", "--limit", "0"], "--limit"),
        (["{labels}", "--protocol", "line", "--html", "/none/a.html"], "cannot write /none/a.html"),
    ],
)
def test_wrong_usage(run: Run, labels: Path, model: Path, argv: list[str], message: str) -> None:
    result = run("eval", *(word.format(labels=labels) for word in argv), "--model", model)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def test_windows_line_ends_and_byte_order_mark(run: Run, labels: Path, model: Path) -> None:
    labels.write_bytes(b"\xef\xbb\xbf" + labels.read_bytes().replace(b"\n", b"\r\n"))
    result = run("eval", labels, "--protocol", "scene", "--model", model, "--limit", 2, "--json")
    assert result.json["accuracy"] == 1


def test_contact_sheet(run: Run, labels: Path, model: Path) -> None:
    html = labels.parent / "sheet.html"
    found = run("eval", labels, "--protocol", "line", "--model", model, "--json", "--html", html).json
    page = html.read_text("utf-8")
    names = re.findall(r"<small>[^<]*?(\d\.png)</small>", page)
    assert len(names) == round(found["n"] * (1 - found["accuracy"]))
    assert names[-1] == "2.png"
    assert "&lt;b&gt;" in re.sub("</?mark>", "", page)
    assert "<b>" not in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    images = re.findall(r"data:image/jpeg;base64,([^\"]+)", page)
    assert len(images) == len(names)
    assert Image.open(io.BytesIO(base64.b64decode(images[0]))).size == (64, 32)


@pytest.mark.parametrize(
    ("truth", "reading", "marked_truth", "marked_reading"),
    [
        ("hello", "hello", "hello", "hello"),
        ("hello", "hallo", "h<mark>e</mark>llo", "h<mark>a</mark>llo"),
        ("Hello!", "hello", "Hello<mark>!</mark>", "hello"),
        ("a b", "ab", "a b", "ab"),
        ("abc", "", "<mark>abc</mark>", ""),
        ("", "xy", "", "<mark>xy</mark>"),
        ("ﬁn", "fan", "ﬁn", "f<mark>a</mark>n"),  # half of the ligature is read, which shows no mark
        ("<&", "<", "&lt;<mark>&amp;</mark>", "&lt;"),
    ],
)
def test_marks(truth: str, reading: str, marked_truth: str, marked_reading: str) -> None:
    assert mark_differences(truth, reading, normalise_line) == (marked_truth, marked_reading)


def test_marks_follow_the_protocol() -> None:
    assert mark_differences("It's 5", "ITS-6", normalise_scene) == ("It's <mark>5</mark>", "ITS-<mark>6</mark>")


def test_a_sheet_of_thousands_shows_the_worst() -> None:
    misread = [Misread(Path("none.png"), f"{i}", "a", "b", 0.5, i / 5000) for i in range(MAX_ROWS + 500)]
    page = contact_sheet(misread, "title", "summary.", normalise_line)
    assert page.count("<figure>") == MAX_ROWS
    assert f"the worst {MAX_ROWS} of {MAX_ROWS + 500}" in page
    assert "<small>1499</small>" in page
    assert "<small>3</small>" not in page
