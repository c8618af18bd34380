"""Loading models: valid ones load, damaged and hostile ones give one clear line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

import damage
import hostile
import kernel_hooks
import random_model
from bitocr.errors import ModelError, UsageError
from bitocr.io import bitfile
from bitocr.native.engine import Engine
from bitocr.native.image import prepare

FILES = hostile.files()


def refuse(source: str | os.PathLike[str] | bytes, message: str = "") -> None:
    with pytest.raises(ModelError) as caught:
        Engine(source)
    line = str(caught.value)
    assert line.isprintable()
    assert re.search(message, line), line


def test_the_base_of_the_hostile_files_is_sound() -> None:
    assert Engine(damage.base()).charset == "ab"
    assert Engine(damage.changed(lambda header: None)).charset == "ab"


@pytest.mark.parametrize(("data", "message"), [f[1:] for f in FILES], ids=[f[0] for f in FILES])
def test_hostile_bytes(data: bytes, message: str) -> None:
    refuse(data, message)


@pytest.mark.parametrize("path", sorted(hostile.FOLDER.iterdir()), ids=lambda path: path.stem)
def test_hostile_files(path: Path) -> None:
    refuse(path, f"{re.escape(path.name)}: ")


def test_every_truncation() -> None:
    data = damage.base()
    for length in range(0, len(data), 97):
        refuse(data[:length])
        if length >= 32:
            refuse(damage.seal(data[:length]))


def test_every_header_byte_may_change() -> None:
    """Change any byte of the header: the model loads, or is refused in one line."""
    data = damage.base()
    end = data.index(b'"card"')
    for at in range(32, end, 3):
        for value in (0, 0x22, 0x39, 0x7D, 0xFF):
            try:
                Engine(damage.seal(data[:at] + bytes([value]) + data[at + 1 :]))
            except ModelError as error:
                assert str(error).isprintable()  # noqa: PT017


@pytest.mark.parametrize("charset", ["ab", "é€𝄞", '"\\/ \x7f', "".join(map(chr, range(0x4E00, 0x5200)))])
@pytest.mark.parametrize("hidden", [0, 8])
def test_sound_models(charset: str, hidden: int, tmp_path: Path) -> None:
    path = tmp_path / "model é.bit"
    path.write_bytes(random_model.model(charset, hidden=hidden))
    for source in (path, str(path), path.read_bytes()):
        engine = Engine(source)
        assert engine.charset == charset
        assert engine.header["card"] == {"name": "random"}
        assert engine.header["network"]["classes"] == len(charset) + 1


def test_charset_may_be_escaped() -> None:
    data = damage.changed(lambda header: header.update(charset="é𝄞"))
    assert rb"\u00e9\ud834\udd1e" in data
    assert Engine(data).charset == "é𝄞"


def test_paths(tmp_path: Path) -> None:
    refuse(tmp_path / "missing.bit", "missing.bit: No such file")
    refuse(tmp_path, "not a file")
    refuse("a\0b", "zero byte")
    refuse(tmp_path / "line\nfeed", "No such file")
    refuse("x" * 300, "name too long")
    refuse("folder/" * 30 + "model.bit", r"^\.\.\..*/model\.bit: No such file")
    refuse("ab" + "é" * 60 + "/model.bit", r"^\.\.\.é+/model\.bit: No such file")
    refuse("b" + "é" * 60 + "/model.bit", r"^\.\.\.é+/model\.bit: No such file")
    os.mkfifo(tmp_path / "pipe")
    refuse(tmp_path / "pipe", "not a file")
    (tmp_path / "secret").write_bytes(damage.base())
    (tmp_path / "secret").chmod(0)
    if os.geteuid():
        refuse(tmp_path / "secret", "Permission denied")


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_are_checked(threads: int) -> None:
    with pytest.raises(UsageError, match="threads"):
        Engine(damage.base(), threads=threads)


def test_unknown_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="abacus"):
        Engine(damage.base(), kernel="abacus")
    monkeypatch.setenv("BITOCR_KERNEL", "sundial")
    with pytest.raises(UsageError, match="sundial"):
        Engine(damage.base())
    assert Engine(damage.base(), kernel="generic").kernel == "generic"
    monkeypatch.setenv("BITOCR_KERNEL", "generic")
    assert Engine(damage.base()).kernel == "generic"


@pytest.mark.parametrize("character", ["n", "é", "€", "𝄞"])
def test_longest_names_of_tensors(character: str) -> None:
    size = len(character.encode())
    name = character * (63 // size) + "n" * (63 % size)
    Engine(hostile.with_tensor("extra", name=name))
    refuse(hostile.with_tensor("extra", name=name + "n"), "no sound name")


def test_nibbles_compute_as_the_same_integers_in_8_bits() -> None:
    head = random_model.header("ab", hidden=8, bottleneck=8)
    matrices = ("lstm.", "bottleneck.", "head.")
    tensors = random_model.tensors(head)
    names = [name for name in tensors if name.startswith(matrices) and "weight" in name]
    assert len(names) == 6
    tensors |= {name: tensors[name] >> 4 for name in names}
    packed = {**tensors, **{name: bitfile.nibbles(tensors[name]) for name in names}}
    image = prepare(np.random.default_rng(0).integers(0, 256, (32, 64), np.uint8), 64)
    one, other = [kernel_hooks.network("generic", bitfile.dump(head, t), image, (16, 64), 3) for t in (tensors, packed)]
    assert np.ptp(one[1]) > 0.1
    for expected, found in zip(one, other, strict=True):
        np.testing.assert_array_equal(found, expected)
