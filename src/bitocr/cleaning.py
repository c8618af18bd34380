"""Cleans pictures of pages, in the engine: white paper, no noise, level lines, no rules, black and white."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bitocr.defaults import MAX_PIXELS
from bitocr.errors import UsageError
from bitocr.io.images import load
from bitocr.native import library
from bitocr.native.handles import free_with
from bitocr.native.image import image_view
from bitocr.native.library import call, lib

if TYPE_CHECKING:
    from bitocr.io.images import Source

Binarization = Literal["otsu", "sauvola"]
BINARIZATIONS: tuple[Binarization, ...] = ("otsu", "sauvola")
SWITCHES = ("normalize", "denoise", "deskew", "remove_rules")
_ROWS, _UNLIKE, _NOISY = 128, 40, 0.0035
"""Of a picture, that are looked at; gray levels; and the share of lone pixels above which denoising helps."""


@dataclass(frozen=True)
class Steps:
    """The steps of cleaning, in this order (`bitocr_clean_options` in bitocr.h)."""

    normalize: bool = False
    denoise: bool = False
    deskew: bool = False
    remove_rules: bool = False
    binarize: Binarization | None = None

    def __post_init__(self) -> None:
        if self.binarize not in (None, *BINARIZATIONS):
            raise UsageError(f"binarize is None, 'otsu' or 'sauvola', not {self.binarize!r}")

    @classmethod
    def parse(cls, names: str) -> Steps:
        """Steps from their names, as "deskew,remove-rules,sauvola". Raises UsageError."""
        given: dict[str, Any] = {}
        for name in (part.strip().replace("-", "_") for part in names.split(",")):
            if name in SWITCHES:
                given[name] = True
            elif name in BINARIZATIONS:
                given["binarize"] = name
            else:
                known = ", ".join(SWITCHES + BINARIZATIONS).replace("_", "-")
                raise UsageError(f"there is no cleaning step '{name}': choose from {known}")
        return cls(**given)

    @classmethod
    def of(cls, clean: str | Steps | None) -> Steps | None:
        """The steps that a reader's `clean` names; none for "none" or None. Raises UsageError.

        Gives None for "auto": `suited` then chooses for each picture.
        """
        if isinstance(clean, Steps):
            return clean
        if clean is None or clean == "none":
            return cls()
        return None if clean == "auto" else cls.parse(clean)

    @property
    def is_any(self) -> bool:
        return self != Steps()


def suited(array: NDArray[np.uint8]) -> Steps:
    """What "auto" does to a picture [H, W(, channels)]: denoises it if many pixels differ from all around them.

    No other step helps the reader without harming other pages (docs/pages.md). Looks at some rows only.
    """
    gray = array if array.ndim == 2 else array[:, :, min(1, array.shape[2] - 1)]
    height, width = gray.shape
    if height < 3 or width < 3:
        return Steps()
    rows = np.linspace(1, height - 2, min(_ROWS, height - 2)).astype(int)
    middle = gray[rows, 1:-1].astype(np.int16)
    around = [gray[rows + y, x : width - 2 + x] for y in (-1, 0, 1) for x in (0, 1, 2) if (y, x) != (0, 1)]
    darker, lighter = np.minimum.reduce(around) - middle, middle - np.maximum.reduce(around)
    return Steps(denoise=bool(np.mean((darker > _UNLIKE) | (lighter > _UNLIKE)) > _NOISY))


def clean(
    image: Source,
    *,
    normalize: bool = False,
    denoise: bool = False,
    deskew: bool = False,
    remove_rules: bool = False,
    binarize: Binarization | None = None,
    max_pixels: int = MAX_PIXELS,
) -> NDArray[np.uint8]:
    """Cleans a picture of a page. The steps work alone or together, in this order.

    Args:
        image: as for `Reader`.
        normalize: makes the paper white everywhere, even under uneven light.
        denoise: replaces single pixels that differ from all around them, and removes specks away from text.
        deskew: levels text that leans by up to 15 degrees, to 0.1 degree. The picture grows to hold all of it.
        remove_rules: removes long horizontal and vertical lines, except where letters touch them.
        binarize: makes it black and white: "otsu" has one threshold, "sauvola" one for each pixel's neighbourhood.
        max_pixels: as for `Reader`.

    Returns:
        The picture in gray, uint8 [H, W].

    Raises:
        ImageError: the image cannot be read.
        UsageError: there is no such binarization.
    """
    steps = Steps(normalize, denoise, deskew, remove_rules, binarize)
    return cleaned(load(image, max_pixels), steps)[0]


def cleaned(array: NDArray[np.uint8], steps: Steps) -> tuple[NDArray[np.uint8], float]:
    """The picture uint8 [H, W, ...] after these steps, and how many degrees its text was turned clockwise."""
    image, owner = image_view(array)
    how = BINARIZATIONS.index(steps.binarize) + 1 if steps.binarize else 0
    options = library.CleanOptions(*(int(getattr(steps, name)) for name in SWITCHES), how)
    result = _Cleaned()
    call(lib.bitocr_clean, image, options, result.handle)
    del owner
    return result.pixels(), lib.bitocr_cleaned_angle(result.handle)


class _Cleaned:
    """bitocr_cleaned."""

    def __init__(self) -> None:
        self.handle = lib.bitocr_cleaned_create()
        if not self.handle:
            raise MemoryError("no memory for a picture")
        free_with(self, lib.bitocr_cleaned_free, self.handle)

    def pixels(self) -> NDArray[np.uint8]:
        image = lib.bitocr_cleaned_image(self.handle).contents
        out = np.empty((image.height, image.width), np.uint8)
        ctypes.memmove(out.ctypes.data, image.pixels, out.size)
        return out
