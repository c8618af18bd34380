"""The Docling plugin: Docling finds it, and it reads parts of a page as Docling asks. Docling itself does not run."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bitocr import Reader

pytestmark = pytest.mark.slow

PAGES = Path(__file__).parent / "data" / "pages"
SCALE = 2.0  # pixels of the picture for each point of the page


class Backend:
    """A page with only a picture."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image

    def is_valid(self) -> bool:
        return True

    def get_page_image(self, scale: float, cropbox: Any) -> Image.Image:
        corners = [round(SCALE * each) for each in (cropbox.l, cropbox.t, cropbox.r, cropbox.b)]
        crop = self.image.crop(tuple(corners))
        return crop.resize((round(crop.width * scale / SCALE), round(crop.height * scale / SCALE)))


def model() -> Any:
    from docling.datamodel.accelerator_options import AcceleratorOptions

    from bitocr.integrations.docling_plugin import BitocrModel, BitocrOptions

    options = BitocrOptions(lang=["eng"], scale=SCALE)
    return BitocrModel(
        enabled=True, artifacts_path=None, options=options, accelerator_options=AcceleratorOptions(num_threads=1)
    )


def test_docling_finds_the_engine() -> None:
    from docling.models.factories.ocr_factory import OcrFactory

    names = [each.value for each in entry_points(group="docling") if each.name == "bitocr"]
    assert names == ["bitocr.integrations.docling_plugin"]
    factory = OcrFactory()
    factory.load_from_plugins(allow_external_plugins=True)
    assert factory.create_options("bitocr", lang=["eng"]).kind == "bitocr"


def test_parts_of_a_page_are_read_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from docling_core.types.doc import BoundingBox, CoordOrigin

    image = Image.open(PAGES / "document.gif").convert("RGB")
    ours = model()
    read: list[Any] = []
    width, height = image.width / SCALE, image.height / SCALE
    parts = [(0, 0, width, 30), (0, 30, width / 2, height), (width / 2, 30, width, height), (5, 5, 5, 9)]
    rects = [BoundingBox(**dict(zip("ltrb", part, strict=True)), coord_origin=CoordOrigin.TOPLEFT) for part in parts]
    monkeypatch.setattr(ours, "get_ocr_rects", lambda page: rects)
    monkeypatch.setattr(ours, "post_process_cells", lambda cells, page, result: read.extend(cells))
    page = SimpleNamespace(_backend=Backend(image))
    assert list(ours(SimpleNamespace(timings={}), [page])) == [page]

    whole = Reader().read(image)
    assert [cell.text for cell in read] == [line.text for line in whole.lines]
    assert [cell.index for cell in read] == list(range(len(read)))
    for cell, line in zip(read, whole.lines, strict=True):
        box = cell.rect.to_bounding_box()
        expected = [*np.min(line.quad, axis=0), *np.max(line.quad, axis=0)]
        assert np.abs(np.multiply([box.l, box.t, box.r, box.b], SCALE) - expected).max() < 6
        assert cell.from_ocr
        assert 0 < cell.confidence <= 1
