"""`bitocr synth`: a run resumes only with the same faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cv2")
pytest.importorskip("lmdb")

from bitocr.lab.data import writers
from bitocr.lab.data.synth import fonts
from bitocr.lab.data.synth.faces import Face
from conftest import Result


def test_settings_tell_faces_apart(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(writers, "write_samples", lambda out, render, settings, *rest: seen.append(settings))
    for name in ("a.ttf", "b.ttf", "a.ttf"):
        monkeypatch.setattr(fonts, "find_faces", lambda name=name: (Face(name, 0, "Family", "Regular"),))
        assert run("synth", tmp_path / "out", "-n", 1).code == 0
    assert seen[0] == seen[2] != seen[1]
