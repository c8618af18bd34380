"""Batches with the extra `batch`: parquet, zstd, file systems of fsspec."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from batches import contents, errors, names, parts, pictures, rows
from bitocr import batch
from bitocr.batch import sources
from bitocr.batch.load import Loader
from bitocr.errors import UsageError

pytestmark = pytest.mark.slow


def write_parquet(path: Path, column: str, values: list[Any], group: int = 7) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table({"label": list(map(str, range(len(values)))), column: values}), path, row_group_size=group)


def loaded(path: object) -> list[bytes | str]:
    found = Loader(os.getcwd()).load_all(sources.find([str(path)]))
    return [str(one.error) if one.error else one.data for one in found]


def test_parquet_in(tmp_path: Path) -> None:
    data = [str(number).encode() * 100 for number in range(40)]
    write_parquet(tmp_path / "bytes.parquet", "png", data)
    write_parquet(tmp_path / "structs.parquet", "image", [{"bytes": one, "path": "x"} for one in data])
    assert loaded(tmp_path / "bytes.parquet") == loaded(tmp_path / "structs.parquet") == data
    items = list(sources.find([str(tmp_path / "bytes.parquet")]))
    picked = [items[place] for place in (30, 2, 3, 9, 9, 39)]
    assert [one.data for one in Loader("/").load_all(picked)] == [data[place] for place in (30, 2, 3, 9, 9, 39)]


def test_bad_parquet(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", "image", [b"x", None])
    write_parquet(tmp_path / "b.parquet", "text", ["x", "y"])
    (tmp_path / "c.parquet").write_bytes(b"PAR1 is how it begins")
    assert loaded(tmp_path / "a.parquet") == [b"x", "no picture in this row"]
    assert "no column of bytes" in str(loaded(tmp_path / "b.parquet")[0])
    (message,) = loaded(tmp_path / "c.parquet")
    assert "arquet" in str(message)


@pytest.mark.parametrize("format", ["parquet", "jsonl.zst"])
@pytest.mark.parametrize("line", [True, False])
def test_formats_hold_the_same_rows(tmp_path: Path, format: str, line: bool) -> None:
    folder = pictures(tmp_path / "in", 9)
    if not line:
        (folder / "page.gif").write_bytes((Path(__file__).parent / "data" / "pages" / "receipt.gif").read_bytes())
    (folder / "0004.png").write_bytes(b"bad")
    for name in (format, "jsonl"):
        batch.run([folder], tmp_path / name, line=line, format=name, threads=1, shard_size=4)
    plain = [{key: value for key, value in row.items() if value is not None} for row in rows(tmp_path / format)]
    expected = [{key: value for key, value in row.items() if value is not None} for row in rows(tmp_path / "jsonl")]
    assert plain == expected


def test_parquet_out_and_retried(tmp_path: Path) -> None:
    folder, out = pictures(tmp_path / "in", 9), tmp_path / "out"
    options: dict[str, Any] = {"line": True, "format": "parquet", "threads": 1, "shard_size": 4}
    good = (folder / "0004.png").read_bytes()
    (folder / "0004.png").write_bytes(b"x" * len(good))
    os.utime(folder / "0004.png", (1, 1))
    batch.run([folder], out, **options)
    assert list(errors(out)) == ["0004.png"]
    (folder / "0004.png").write_bytes(good)
    os.utime(folder / "0004.png", (1, 1))
    assert batch.run([folder], out, retry_errors=True, **options).failed == 0
    mended = contents(out)
    for path in parts(out):
        path.unlink()
    batch.run([folder], out, **options)
    assert contents(out) == mended


def test_far_file_systems(tmp_path: Path) -> None:
    import fsspec

    folder = pictures(tmp_path / "in", 9)
    far = fsspec.filesystem("memory")
    far.put(str(folder) + "/", "/scans/deep/", recursive=True)
    far.pipe("/scans/bad.png", b"bad")
    far.pipe("/scans/notes.txt", b"no picture")
    out = tmp_path / "out"
    batch.run(["memory://scans"], out, line=True, threads=1, shard_size=4)
    assert names(out) == ["bad.png", *(f"{number:04}.png" for number in range(9))]
    assert list(errors(out)) == ["bad.png"]
    batch.run([str(folder)], tmp_path / "near", line=True, threads=1)
    texts = [row["text"] for row in rows(tmp_path / "near")]
    assert [row["text"] for row in rows(out)][1:] == texts
    assert batch.run(["memory://scans"], out, line=True, threads=1, shard_size=4).read == 0
    listed = tmp_path / "list.txt"
    listed.write_text("memory://scans/deep/0001.png\nmemory://scans/gone.png\n")
    batch.run([f"@{listed}"], tmp_path / "listed", line=True, threads=1)
    assert list(errors(tmp_path / "listed")) == ["gone.png"]


@pytest.mark.parametrize("kind", ["tar", "parquet"])
def test_far_archives(tmp_path: Path, kind: str) -> None:
    import tarfile

    import fsspec

    folder, archive = pictures(tmp_path / "in", 3), tmp_path / f"a.{kind}"
    if kind == "tar":
        with tarfile.open(archive, "w") as tar:
            tar.add(folder, "in")
    else:
        write_parquet(archive, "image", [path.read_bytes() for path in sorted(folder.iterdir())])
    fsspec.filesystem("memory").pipe(f"/{kind}/a.{kind}", archive.read_bytes())
    far = loaded(f"memory://{kind}/a.{kind}")
    assert sorted(map(str, far)) == sorted(str(path.read_bytes()) for path in folder.iterdir())


def test_unknown_file_systems() -> None:
    with pytest.raises(UsageError, match="nosuch"):
        list(sources.find(["nosuch://bucket/x"]))
