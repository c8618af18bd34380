"""Settings: conversion from and to plain values, and errors with their paths."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from msgspec import Meta, field

from bitocr.errors import UsageError
from bitocr.lab.config.convert import convert
from bitocr.lab.config.distill import Distill
from bitocr.lab.config.load import load, merge
from bitocr.lab.config.network import BitCRNN, MobileNetCRNN, open_network
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.settings import Settings, SettingsError, Share
from bitocr.lab.config.stage import Stage


class Part(Settings, frozen=True):
    called: ClassVar[str] = "a part"

    share: Share
    size: int = 3
    exact: Annotated[int, Meta(description="a whole number, not 2.0")] = 3
    name: str = "part"


class Whole(Settings, frozen=True):
    called: ClassVar[str] = "a whole"

    parts: dict[str, Part] = field(default_factory=dict)
    pairs: tuple[tuple[int, int], ...] = ()
    size: int | None = None
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.size == 13:
            raise SettingsError("is unlucky", "size")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "a.yaml: it is a mapping of keys to values, not []"),
        ({"part": 1}, "unknown key part; a whole has parts, pairs, size, files"),
        ({7: 1}, "unknown key 7; a whole has"),
        ({"parts": 3}, "parts is a mapping of keys to values, not 3"),
        ({"parts": {"a": {"share": 1}, "b": {"share": 2}}}, "parts.b.share is a number above 0 and at most 1, not 2"),
        ({"parts": {"a": {"share": 1}, "b": {"shar": 2}}}, "unknown key parts.b.shar; a part has share, size"),
        ({"parts": {"a": {"share": 1}, "b": {}}}, "parts.b.share is missing: it is a number above 0 and at most 1"),
        ({"parts": {"a": {"share": 1, "size": 2.5}}}, "parts.a.size is a whole number, not 2.5"),
        ({"parts": {"a": {"share": 1, "exact": 2.0}}}, "parts.a.exact is a whole number, not 2.0, not 2.0"),
        ({"pairs": [[1, 2], [1]]}, "pairs.1 is a list, not [1]"),
        ({"pairs": [[1, 2], [1, "x"]]}, "pairs.1.1 is a whole number, not 'x'"),
        ({"size": True}, "size is a whole number or null, not True"),
        ({"size": 13}, "size is unlucky"),
        ({"files": {"a": 1, "b": []}}, "files is a mapping of keys to values, not"),
        ({"two\nlines": 1}, "unknown key two lines; a whole has"),
    ],
)
def test_wrong_values_are_told_with_their_path(given: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        convert(given, Whole, file="a.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("a.yaml: ")
    assert "\n" not in str(caught.value)


def test_numbers_become_what_is_asked_for() -> None:
    part = convert({"share": 1, "size": 2e3, "name": 7}, Part)
    assert (part.share, part.size, part.name) == (1.0, 2000, "7")
    assert [type(value) for value in (part.share, part.size)] == [float, int]


@pytest.mark.parametrize(
    "settings",
    [
        Recipe(),
        Recipe(network=MobileNetCRNN(classes=7, quantize=Quantize(scheme="dynamic", lstm=4))),
        Stage(teacher=("a", "b"), distill=Distill(fsp=1.0, pairs=((0, 1), (1, 2))), quantize=Quantize(edges=4)),
    ],
    ids=["recipe", "network", "stage"],
)
def test_plain_values_are_the_same_settings_again(settings: Settings) -> None:
    plain = settings.plain()
    if isinstance(settings, Recipe):
        # A stage of no teacher is written without the key.
        plain["stages"] = [{k: v for k, v in stage.items() if v != []} for stage in plain["stages"]]
    assert convert(plain, type(settings)) == settings


@pytest.mark.parametrize(
    ("config", "network"),
    [
        ({}, BitCRNN()),
        ({"head": {}, "quantize": None, "stage": "float"}, BitCRNN(stage="float")),
        ({"quantize": {"lstm": 4}}, BitCRNN(quantize=Quantize(lstm=4))),
        ({"arch": "mobilenet_crnn", "quantize": {}}, MobileNetCRNN(quantize=Quantize())),
    ],
)
def test_a_networks_config_has_every_key(config: dict[str, Any], network: BitCRNN | MobileNetCRNN) -> None:
    assert open_network(config) == network
    plain = network.plain()
    assert set(plain) == {*plain, "arch", "stem", "blocks", "neck", "classes"} - ({"head"} - set(config))
    assert plain.get("quantize", {}).get("scheme") == network.scheme
    assert open_network(plain).plain() == plain


def test_a_network_is_quantized_as_suits_it() -> None:
    schemes = [BitCRNN(quantize=Quantize()).scheme, BitCRNN(stage="float", quantize=Quantize()).scheme]
    assert schemes == ["engine", "static"]
    assert BitCRNN().scheme is None


def test_settings_made_in_python_are_checked_too() -> None:
    with pytest.raises(UsageError, match="distill needs a teacher"):
        Stage(distill=Distill(logits=1.0))


def test_overrides_reach_what_the_file_says_nothing_of(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("name: mine\n")
    overrides = ["stages.0.images=10", "data.sources.0.weight=2", "trainer.devices=[0, 1]", "network.stem=64"]
    recipe = load(path, Recipe, overrides)
    assert (recipe.stages[0].images, recipe.data.sources[0].weight, recipe.network.stem) == (10, 2.0, 64)
    assert (recipe.trainer.devices, recipe.trainer.precision) == ((0, 1), "bf16-mixed")


def test_merging_leaves_both_as_they_were() -> None:
    base, over = {"a": {"b": 1, "c": [1]}, "d": 2}, {"a": {"b": 3}, "e": {"f": 4}}
    assert merge(base, over) == {"a": {"b": 3, "c": [1]}, "d": 2, "e": {"f": 4}}
    merge(base, over)["a"]["c"].append(5)
    assert (base, over) == ({"a": {"b": 1, "c": [1]}, "d": 2}, {"a": {"b": 3}, "e": {"f": 4}})
