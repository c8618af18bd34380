"""The inputs of a batch, and their division into shards."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from batches import pictures
from bitocr.batch import sources
from bitocr.batch.items import Item
from bitocr.batch.load import Loader
from bitocr.batch.plan import Plan
from bitocr.errors import UsageError


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def find(*inputs: str) -> dict[str, bytes | str]:
    """The bytes or the error of each input, by name."""
    loaded = Loader(os.getcwd()).load_all(sources.find(inputs))
    return {one.item.source: str(one.error) if one.error else one.data for one in loaded}


def touch(*names: str) -> None:
    """Makes files that contain their own names."""
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)


def test_folders_are_searched_in_order() -> None:
    touch("in/b.png", "in/a.JPG", "in/sub/c.tif", "in/a/d.webp", "in/z.pdf")
    touch("in/notes.txt", "in/.hidden.png", "in/.cache/e.png")
    os.symlink("..", "in/sub/loop")
    found = find("in/")
    assert list(found) == ["in/a.JPG", "in/b.png", "in/z.pdf", "in/a/d.webp", "in/sub/c.tif"]
    assert all(data == name.encode() for name, data in found.items())


def test_the_folder_that_is_written_is_left_out() -> None:
    touch("in/a.png", "in/out/part-1.parquet", "in/out/b.png")
    assert [item.source for item in sources.find(["in"], os.path.abspath("in/out"))] == ["in/a.png"]


def test_patterns_lists_and_files() -> None:
    touch("in/a.png", "in/b.png", "in/deep/c.png", "odd [1].png")
    Path("list.txt").write_text("in/b.png\n\nin/gone.png\nin/a.png\n")
    assert list(find("in/*.png")) == ["in/a.png", "in/b.png"]
    assert list(find("in/**/c*")) == ["in/deep/c.png"]
    assert list(find("odd [1].png", "./in/a.png")) == ["odd [1].png", "in/a.png"]
    found = find("@list.txt")
    assert list(found) == ["in/b.png", "in/gone.png", "in/a.png"]
    assert found["in/gone.png"] == "No such file or directory"
    for missing in ("in/*.gif", "nowhere", "in/gone.png"):
        with pytest.raises(UsageError, match="no such file"):
            find(missing)


def archive(path: str, mode: str, *names: str) -> None:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(name)
            tar.addfile(info, io.BytesIO(name.encode()))
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)


@pytest.mark.parametrize(("suffix", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.xz", "w:xz")])
def test_tar_archives(suffix: str, mode: str) -> None:
    Path("in").mkdir()
    path = f"in/a.{suffix}"
    archive(path, mode, "b.png", "a/../../c.jpg", "notes.txt", "._x.png")
    expected = {f"{path}/b.png": b"b.png", f"{path}/a/../../c.jpg": b"a/../../c.jpg"}
    assert find(path) == find("in") == expected


def test_damaged_archives_are_named() -> None:
    archive("a.tar", "w", "b.png", "c.png")
    data = Path("a.tar").read_bytes()
    Path("cut.tar").write_bytes(data[:1030])  # in the second picture's header and content
    Path("none.tar.gz").write_bytes(b"no archive")
    assert find("cut.tar")["cut.tar/b.png"] == b"b.png"
    assert "damaged archive" in str(find("none.tar.gz")["none.tar.gz"])
    items = list(sources.find(["a.tar"]))
    Path("a.tar").write_bytes(data[:514])  # since it was looked through
    (first, second) = Loader(os.getcwd()).load_all(items)
    assert str(first.error) == str(second.error) == "the archive is cut short"


def test_shards_hold_all_in_order(tmp_path: Path) -> None:
    items = [Item(f"{number}.png", "1") for number in range(1000)]
    plan = Plan(items, 20)
    assert [item for shard in plan.shards for item in plan.items(shard)] == items
    assert plan.inputs == 1000
    assert all(10 <= shard.inputs <= 40 for shard in plan.shards[:-1])
    assert len({shard.digest for shard in plan.shards}) == len(plan.shards)
    assert Plan(items, 20).shards == plan.shards


@pytest.mark.parametrize("change", ["remove", "add", "touch"])
def test_a_change_stays_in_its_shard(change: str) -> None:
    items = [Item(f"{number}.png", "1") for number in range(1000)]
    before = {shard.digest for shard in Plan(items, 20).shards}
    if change == "remove":
        del items[500]
    elif change == "add":
        items.insert(500, Item("new.png", "1"))
    else:
        items[500] = items[500]._replace(stamp="2")
    assert len(before - {shard.digest for shard in Plan(items, 20).shards}) <= 2


def test_shards_know_what_they_hold() -> None:
    pictures(Path("in"), 3)
    (before,) = Plan(sources.find(["in"]), 10).shards
    assert Plan(sources.find(["in"]), 10).shards == [before]
    os.utime("in/0001.png", (1, 1))
    assert Plan(sources.find(["in"]), 10).shards != [before]
