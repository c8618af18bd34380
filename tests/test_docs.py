"""The documentation: its links lead somewhere, its reference can be generated, and it stays short."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

pytest.importorskip("markdown")

from docsite import build, cli, links, words  # noqa: E402

from bitocr.cli import EXIT_CODES, VERBS, parser_for  # noqa: E402

PAGES = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "weights/README.md")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as a folder of links, with the generated reference in its docs/."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        if path.name != "docs" and not path.name.startswith(".venv"):
            (folder / path.name).symlink_to(path)
    build.assemble(ROOT, folder / "docs", sources="https://example.org")
    for page in (ROOT / "docs").glob("*.md"):
        (folder / "docs" / page.name).write_text(page.read_text())  # with the links as they are in the repository
    return folder


def test_links_lead_to_files_and_headings_that_are_there(checkout: Path) -> None:
    pages = [*(checkout / name for name in PAGES), *(checkout / "docs").glob("**/*.md")]
    assert [problem for page in pages for problem in links.problems(page)] == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# One\n\n## Two `words`, more\n")
    page.write_text("[a](other.md#two-words-more) [b](none.md) [c](other.md#three) [d](https://example.org)\n\n# Here")
    found = [problem.split(": ", 1)[1] for problem in links.problems(page)]
    assert found == ["none.md: there is no such file", "other.md#three: there is no such heading"]


def test_every_page_is_in_the_navigation() -> None:
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]
    listed = set(re.findall(r": (\S+\.md)$", nav, re.MULTILINE))
    assert listed == {page.name for page in (ROOT / "docs").glob("*.md")} | set(build.reference(ROOT))


def test_the_reference_has_every_option_and_exit_code() -> None:
    text = cli.page()
    for verb in VERBS:
        section = text.partition(f"\n## {verb}\n")[2].partition("\n## ")[0]
        for action in parser_for(verb)._actions:
            assert all(name in section for name in action.option_strings if name not in ("-h", "--help")), verb
    assert all(f"\n| {code} | {meaning} |" in text for code, meaning in EXIT_CODES.items())


def test_the_reference_has_every_function_of_the_header() -> None:
    header = (ROOT / "engine/include/bitocr.h").read_text()
    text = build.reference(ROOT)["reference/c.md"]()
    functions = re.findall(r"^BITOCR_API [\w *]*?\b(bitocr_\w+)\(", header, re.MULTILINE)
    assert len(functions) > 30
    assert [name for name in functions if f"{name}(" not in text] == []


def test_the_documentation_is_short() -> None:
    counts = {page.name: words.count(page) for page in words.pages(ROOT)}
    assert sum(counts.values()) <= words.LIMIT, sorted(counts.items(), key=lambda item: -item[1])
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def code_of(page: str, start: str) -> str:
    """The page's block of Python that begins with this line."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if block.startswith(start))


def test_the_programs_of_readme_and_python_page_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    command = re.search(r"^\$ bitocr (\S+) \| head -4\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert command is not None
    exec(code_of("README.md", "from bitocr import Reader"), {})
    assert capsys.readouterr().out.splitlines()[:4] == command[2].splitlines()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "receipt.jpg").write_bytes((ROOT / "examples/receipt.jpg").read_bytes())
    exec(code_of("docs/python.md", "from bitocr import Reader"), {})
    assert "GREEN VALLEY" in capsys.readouterr().out


@pytest.mark.slow
def test_the_program_with_onnx_runtime_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("torch")
    from bitocr.io import shipped
    from bitocr.lab.export.onnx import export_onnx

    export_onnx(shipped.find("english-tiny"), tmp_path / "model.onnx")
    (tmp_path / "line.png").write_bytes((ROOT / "tests/data/bank.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        exec(code_of("docs/deploy.md", "import numpy as np"), {})
    assert capsys.readouterr().out == "AGRICULTURAL BANK OF CHINA\n"


@pytest.mark.slow
def test_the_loader_for_langchain_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_core")
    code = code_of("docs/recipes.md", "from collections.abc import Iterator").rpartition("\n\n\n")[0]
    names: dict[str, type] = {}
    exec(code, names)
    documents = list(names["BitocrLoader"](ROOT / "examples/receipt.jpg", ROOT / "examples/letter.pdf").lazy_load())
    assert [document.metadata["page"] for document in documents] == [1, 1]
    assert "GREEN VALLEY" in documents[0].page_content
    assert "IBAN DE89 3704 0044 0532 0130 00" in documents[1].page_content
    assert 0.5 < documents[0].metadata["confidence"] <= 1


@pytest.mark.slow
def test_the_site_is_built() -> None:
    command = [sys.executable, "-m", "docsite"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "tools"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for page in ("index.html", "reference/cli/index.html", "reference/python/index.html", "pages/index.html"):
        assert (ROOT / "build/site" / page).is_file()
    assert "--pattern" in (ROOT / "build/site/reference/cli/index.html").read_text()
    assert 'href="https://github.com' in (ROOT / "build/site/recipes/index.html").read_text()
