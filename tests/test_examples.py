"""The programs of examples/ do what they say. test_install.py and test_deploy.py test those in C."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
FONT = ROOT / "src/bitocr/lab/data/synth/fallback/Cabin-Regular.otf"
sys.path.insert(0, str(ROOT / "benchmarks"))


def run(name: str, *arguments: object) -> str:
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize(
    ("picture", "date", "total"),
    [("photo.jpg", "07-24-2017", "$23.32"), ("receipt.jpg", "12/09/2025", "19.92")],
)
def test_receipt_fields(picture: str, date: str, total: str) -> None:
    found = json.loads(run("receipt_fields.py", EXAMPLES / picture))
    assert {name: field["value"] for name, field in found.items()} == {"date": date, "total": total}
    assert all(field["confidence"] > 0.8 for field in found.values())


def test_folder_to_csv(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    (folder / "more").mkdir(parents=True)
    (folder / "a.jpg").write_bytes((EXAMPLES / "photo.jpg").read_bytes())
    (folder / "more" / "broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture either")
    run("folder_to_csv.py", folder, tmp_path / "lines.csv")
    with (tmp_path / "lines.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["text"] == "PHO CAPITAL"
    assert {row["file"] for row in rows} == {"a.jpg", "more/broken.png"}
    assert [bool(row["error"]) for row in rows] == [row["file"] != "a.jpg" for row in rows]


def test_screenshot_text() -> None:
    pytest.importorskip("uvicorn")
    from http_load import running  # type: ignore[import-not-found]

    program = module("screenshot_text")
    with running("--threads", "1") as service:
        address = f"http://127.0.0.1:{service.port}"
        assert "Open invoices" in program.text_of((ROOT / "docs/images/screen.jpg").read_bytes(), address)
        with pytest.raises(RuntimeError, match="image"):
            program.text_of(b"no picture", address)


@pytest.mark.slow
def test_redact_pdf(tmp_path: Path) -> None:
    import pikepdf
    import pypdfium2

    target = tmp_path / "redacted.pdf"
    run("redact_pdf.py", EXAMPLES / "letter.pdf", target)
    secrets = ("anna", "example", "billing", "oakham", "DE89", "3704", "0532")
    kept = ("Please send the invoice to", "IBAN", "Amount due", "Yours faithfully, A. Smith")

    with pikepdf.open(target) as pdf:
        streams = [each.read_bytes() for each in pdf.objects if isinstance(each, pikepdf.Stream)]
        assert "/Author" not in pdf.docinfo
    assert not any(secret.encode() in data for secret in secrets for data in [target.read_bytes(), *streams])
    with pypdfium2.PdfDocument(target) as pdf:
        text = pdf[0].get_textpage().get_text_range()
        pixels = pdf[0].render(scale=200 / 72).to_pil()
    from bitocr import Reader

    for found in (text, Reader().read(pixels).text):
        assert not any(secret in found for secret in secrets), found
        assert all(part in found for part in kept), found


@pytest.mark.slow
def test_own_font(tmp_path: Path) -> None:
    out = run("own_font.py", FONT, tmp_path / "font", 60)
    before, after = [line.partition(":")[2].strip() for line in out.splitlines()[-2:]]
    assert "quartz" in before
    assert after
    assert len(list((tmp_path / "font/pictures").glob("*.png"))) == 500
    assert (tmp_path / "font/model.bit").stat().st_size > 100_000
