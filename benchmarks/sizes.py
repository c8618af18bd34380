"""Lists the bytes of the files that readers load: bitocr's models, and those of RapidOCR and Tesseract if installed.

    .venv-peers/bin/python benchmarks/sizes.py

Prints a table: reader, purpose of the files, bytes.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from peers import tesseract_list

from bitocr.io import shipped

FILES = {
    "finding lines": ["page.bit"],
    "English": ["english.bit"],
    "English n-grams and words": ["english.ngram", "english.words"],
    "English, smaller": ["english-tiny.bit"],
    "Chinese": ["chinese.bit"],
    "Chinese n-grams": ["chinese.ngram"],
}


def rows() -> list[tuple[str, str, int]]:
    found = [
        ("bitocr", what, sum((shipped.FOLDER / name).stat().st_size for name in names)) for what, names in FILES.items()
    ]
    for package, module in (("rapidocr", "rapidocr"), ("rapidocr-onnxruntime", "rapidocr_onnxruntime")):
        try:
            name, spec = f"RapidOCR {version(package)}", find_spec(module)
        except PackageNotFoundError:
            continue
        if spec is not None and spec.origin is not None:
            models = Path(spec.origin).parent.glob("models/*.onnx")
            found.append((name, "all models", sum(path.stat().st_size for path in models)))
    if data := tesseract_list():
        folder = Path(data[0].split('"')[1])
        found.append(("Tesseract", "English", (folder / "eng.traineddata").stat().st_size))
    return found


def main() -> None:
    print("| reader | files | bytes |\n|---|---|---|")
    for reader, what, size in rows():
        print(f"| {reader} | {what} | {size:,} |")


if __name__ == "__main__":
    main()
