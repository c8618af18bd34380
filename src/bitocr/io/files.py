"""Reads text files, and writes files so that nobody ever sees an incomplete one."""

from __future__ import annotations

import os
from pathlib import Path

from bitocr.errors import UsageError


def read_text(path: str | os.PathLike[str]) -> str:
    """A UTF-8 text file's content, with line feeds at the ends of its lines. Raises UsageError."""
    try:
        return Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not a UTF-8 text file") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def write_atomic(path: str | os.PathLike[str], data: bytes, sync: bool = False) -> None:
    """Writes `data` to a temporary file beside `path`, then renames it. Raises UsageError if that cannot be done.

    sync: waits until it is on the disk, so that it survives a power cut.
    """
    import tempfile  # which takes longer to import than the rest of a reader's modules

    path = Path(path)
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp makes files that only their owner may read
        os.replace(temporary, path)
        if sync:
            _sync_folder(path.parent)
    except BaseException as error:  # Ctrl-C too
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(f"cannot write {path}: {error.strerror}") from None
        raise


def _sync_folder(folder: Path) -> None:
    """Flushes the folder's file names to the disk. Windows has no such call."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
