"""Finetuning: a folder of images gives a model, or an error of one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import random_model  # noqa: E402
from bitocr.errors import UsageError  # noqa: E402
from bitocr.io import bitfile  # noqa: E402
from bitocr.lab.data.own import hold_back, missing_characters, read_own  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import Engine  # noqa: E402
from conftest import CHARSET, Result  # noqa: E402
from labelled import write_pictures  # noqa: E402

TEXTS = ["Tür", "Käse", "12 €", "Brot", "Öl", "aß", "zu", "3,50", "Eier", "Mehl", "Salz", "Reis"]
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve labelled pictures; five labels have characters that English lacks."""
    return write_pictures(tmp_path / "shop", TEXTS)


@pytest.fixture
def finetune(run: Run, folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `bitocr train finetune` on a random model, with settings that make it quick."""
    monkeypatch.chdir(tmp_path)
    quick = ("images=40", "share=1", "data.columns=256", "data.workers=0", "trainer.precision=32-true")

    def finetune(*overrides: str) -> Result:
        given = {assignment.partition("=")[0] for assignment in overrides}
        defaults = (f"data={folder}", f"start={model}", *quick)
        return run("train", "finetune", *(d for d in defaults if d.partition("=")[0] not in given), *overrides)

    return finetune


def test_held_back_images_stay_held_back(tmp_path: Path) -> None:
    labelled = []
    for index in range(300):
        path = tmp_path / f"{index}.png"
        path.write_bytes(b"image %d" % index)
        labelled.append((path, "x"))
    train, held = hold_back(labelled)
    assert 15 <= len(held) <= 50
    assert sorted(train + held) == sorted(labelled)
    # Copies go where their originals are, and fewer images, in another order, are divided in the same way.
    copy = tmp_path / "copy.png"
    copy.write_bytes(held[0][0].read_bytes())
    assert (copy, "y") in hold_back([*labelled, (copy, "y")])[1]
    assert set(hold_back(labelled[:100:-1])[1]) == set(held) - set(labelled[:101])
    with pytest.raises(UsageError, match="too few images"):
        hold_back(labelled[:1])


def test_labels_are_composed_and_missing_characters_counted(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("a.png\tKa\u0308se\nb.png\t \nc.png\tpäö\n", encoding="utf-8")
    labelled = read_own(tmp_path)
    assert [text for _, text in labelled] == ["Käse", "päö"]
    assert missing_characters(labelled, "Kaseop") == {"ä": 2, "ö": 1}


def test_a_folder_becomes_a_model(finetune: Run, run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("ä\nö\nü\nÖß€\n", encoding="utf-8")
    first = finetune("charset.add=more.txt")
    assert first.code == 0, first.err
    out = tmp_path / "runs" / "shop"
    assert "to train on" in first.out
    assert "before  accuracy" in first.out
    assert "after   accuracy" in first.out
    engine = Engine(out / "model.bit")
    assert engine.charset == CHARSET + "äöüÖß€"
    card = bitfile.read(out / "model.bit")[0]["card"]
    assert (card["name"], card["start"]) == ("shop", {"name": "random"})
    assert str(tmp_path) not in json.dumps(card)
    before, _ = load_weights(out / "start" / "weights.safetensors")
    after, _ = load_weights(out / "tuned" / "weights.safetensors")
    assert not torch.equal(before.head.weight, after.head.weight)
    # The same command on what is finished trains and writes nothing (it may be calibrated); what it prints runs.
    written = [path.stat().st_mtime_ns for path in (out / "tuned" / "weights.safetensors", out / "model.bit")]
    again = finetune("charset.add=äöüÖß€")
    assert "is trained already" in again.out
    assert again.out.splitlines()[-5:] == first.out.splitlines()[-5:]
    assert written == [path.stat().st_mtime_ns for path in (out / "tuned" / "weights.safetensors", out / "model.bit")]
    assert run(*again.out.splitlines()[-1].split()[2:]).code == 0
    other = finetune("charset.add=äöüÖß€", f"validation={folder}")
    assert (other.code, "begun with other settings" in other.err) == (2, True)


def test_an_lstm_of_4_bits_keeps_them(finetune: Run, tmp_path: Path) -> None:
    header = random_model.header(CHARSET)
    tensors = random_model.tensors(header)
    names = [name for name in tensors if name.startswith("lstm.") and "weight" in name]
    codes = {name: (tensors[name] >> 4).clip(-7, 7) for name in names}
    for matrix in codes.values():
        matrix[:, 0] = 7  # a row's largest, as training leaves it: its scale follows from that
    bitfile.write(tmp_path / "4.bit", header, {**tensors, **{n: bitfile.nibbles(codes[n]) for n in names}})
    result = finetune(f"start={tmp_path / '4.bit'}", "charset.add=")
    assert result.code == 0, result.err
    for file in ("start/model.bit", "model.bit"):
        found = bitfile.read(tmp_path / "runs" / "shop" / file)[1]
        assert {found[name].dtype for name in names} == {"i4"}
    given, start = (bitfile.read(path)[1] for path in (tmp_path / "4.bit", tmp_path / "runs/shop/start/model.bit"))
    for name in names:
        ours, theirs = (f[name].values() * f[name.replace("weight", "scale")].values()[:, None] for f in (start, given))
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, err_msg=name)
    again = finetune(f"start={tmp_path / 'runs' / 'shop' / 'tuned' / 'weights.safetensors'}", "charset.add=", "name=b")
    assert again.code == 0, again.err
    assert bitfile.read(tmp_path / "runs" / "b" / "model.bit")[1][names[0]].dtype == "i4"
    # Weights know the scales that were learned: the start has these, not such as would be found anew.
    given, start = (bitfile.read(tmp_path / "runs" / path)[1] for path in ("shop/model.bit", "b/start/model.bit"))
    for name in names:
        scale = name.replace("weight", "scale")
        np.testing.assert_array_equal(start[scale].values(), given[scale].values(), scale)
        assert (start[name].values() == given[name].values()).mean() > 0.99


def test_other_labels_can_be_left_out(finetune: Run, folder: Path) -> None:
    result = finetune("charset.add=", f"validation={folder}", "name=less")
    assert result.code == 0, result.err
    assert "left out 5 of 12 labels, which have Ößäü€" in result.out
    assert "7 images of" in result.out


def test_it_starts_from_weights_too(finetune: Run, tmp_path: Path) -> None:
    network: dict[str, Any] = {"blocks": [[32, [2, 2]]], "neck": {"type": "none"}, "classes": 96}
    path = tmp_path / "w.safetensors"
    save_weights(path, build(network), {"network": network, "charset": CHARSET, "name": "mine"})
    result = finetune(f"start={path}", "charset.add=äöüÖß€", "images=16")
    assert result.code == 0, result.err


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ((), "5 of 12 labels have .* lacks, 5 different ones: add them with 'charset.add=Ößäü€', or leave"),
        (("data=many.tsv",), "1 of 1 labels have .* 101 different ones: add them with charset.add=FILE.txt, or leave"),
        (("data=nowhere",), "nowhere: no such folder or label file"),
        (("data=empty",), "empty: has no labels.tsv"),
        (("data=blank.tsv",), "blank.tsv: all of its texts are empty"),
        (("data=one.tsv", "charset.add="), "too few images to hold one back"),
        (("data=far.tsv", "charset.add="), "far.tsv: the charset covers no label; it lacks '中文'"),
        (("data=[1]",), "data is a text"),
        (("start=nobody",), "no model is called 'nobody'"),
        (("start=none.bit",), "none.bit: there is no such file"),
        (("start=blank.tsv",), "blank.tsv: .*not a bitocr model"),
        (("start=float.safetensors",), "not a binary network"),
        (("share=0",), "share is a number above 0"),
        (("images=none",), "images is a whole number"),
        (("protocol=words",), "protocol is one of exact, line, scene"),
        (("charset=abc",), "charset cannot be set here"),
        (("network.stem=64",), "network.stem cannot be set here"),
        (("charset.add=\t", "data=one.tsv"), "charset.add: .* is a control character"),
        (("charset.add=none.txt",), "charset.add: none.txt: No such file"),
        (("validation=nowhere",), "nowhere: no such folder"),
        (("charset.add=äöüÖß€", "stages.0.imges=1"), "unknown key stages.0.imges"),
    ],
)
def test_what_cannot_be_finetuned_is_told(
    finetune: Run, folder: Path, tmp_path: Path, overrides: tuple[str, ...], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.tsv").write_text("shop/0.png\t \n")
    (tmp_path / "one.tsv").write_text("shop/7.png\t3,50\n")
    (tmp_path / "far.tsv").write_text("shop/0.png\t中\nshop/1.png\t文\n", encoding="utf-8")
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 101)))
    (tmp_path / "many.tsv").write_text(f"shop/0.png\t{many}\n", encoding="utf-8")
    network: dict[str, Any] = {"blocks": [[32, [2, 2]]], "neck": {"type": "none"}, "stage": "float", "classes": 96}
    save_weights(tmp_path / "float.safetensors", build(network), {"network": network, "charset": CHARSET})
    result = finetune(*overrides)
    assert result.code == 2, result.out
    assert len(result.err.splitlines()) == 1
    assert re.search(message, result.err), result.err
    assert not (tmp_path / "runs" / "shop" / "tuned").exists()


def test_without_data_it_says_what_is_needed(run: Run) -> None:
    result = run("train", "finetune")
    assert (result.code, "finetune needs data=FOLDER" in result.err) == (2, True)
