"""Writing files: completely or not at all, and with the permissions of the umask."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600), (0, 0o666)])
def test_written_files_have_the_permissions_of_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomic(tmp_path / "new", b"data")
        assert os.umask(umask) == umask  # it is left as it was
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == mode


def no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["chmod", "replace"])
@pytest.mark.parametrize("before", [None, b"old"])
def test_a_failure_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, before: bytes | None
) -> None:
    path = tmp_path / "a.bit"
    if before is not None:
        path.write_bytes(before)
    monkeypatch.setattr(os, step, no_room)
    with pytest.raises(UsageError, match=r"^cannot write .*a\.bit: No space left on device$"):
        write_atomic(path, b"new and longer")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([] if before is None else [before])


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: (path / "inner").mkdir(parents=True)])
def test_a_folder_is_not_replaced(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "folder")
    with pytest.raises(UsageError, match="cannot write"):
        write_atomic(tmp_path / "folder", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
