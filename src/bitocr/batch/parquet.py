"""Pictures in parquet files: a column of bytes, or of structs with a field "bytes" as Hugging Face's datasets have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bitocr.batch.files import open_binary, stamp_of
from bitocr.batch.items import Item, bad
from bitocr.errors import ImageError

if TYPE_CHECKING:
    import pyarrow

_ROWS_AT_ONCE = 16


def rows(path: str) -> Iterator[Item]:
    """An item for each row; for a file that is damaged or without pictures, the file itself as a bad item."""
    try:
        file_stamp = stamp_of(path)
        file = _open(path)
        _column(file.schema_arrow)
    except (ImageError, OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        yield bad(path, " ".join(str(error).split()))
        return
    for row in range(file.metadata.num_rows):
        yield Item(f"{path}/{row}", file_stamp, "parquet", path, row)


class Rows:
    """The rows of one file. Reading them in order is fastest."""

    def __init__(self, path: str) -> None:
        self._file = _open(path)
        self._column = _column(self._file.schema_arrow)
        self._next = self._end = 0
        self._values: Iterator[Any] = iter(())

    def __getitem__(self, row: int) -> bytes:
        """Raises ImageError if the row holds no bytes."""
        if not self._next <= row < self._end:
            self._enter_group(row)
        for value in self._values:
            self._next += 1
            if self._next > row:
                return _bytes(value)
        raise ImageError("the parquet file has changed: no such row")

    def _enter_group(self, row: int) -> None:
        metadata = self._file.metadata
        self._end = group = 0
        while self._end <= row and group < metadata.num_row_groups:
            self._next, self._end = self._end, self._end + metadata.row_group(group).num_rows
            group += 1
        batches = self._file.iter_batches(_ROWS_AT_ONCE, row_groups=[group - 1], columns=[self._column])
        self._values = (value.as_py() for batch in batches for value in batch.column(0))


def _open(path: str) -> Any:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(open_binary(path))


def _column(schema: pyarrow.Schema) -> str:
    """The name of the first column that holds bytes."""
    import pyarrow.types as types

    for field in schema:
        kind = field.type
        if types.is_struct(kind) and (place := kind.get_field_index("bytes")) >= 0:
            kind = kind.field(place).type
        if types.is_binary(kind) or types.is_large_binary(kind):
            return str(field.name)
    raise ImageError("no column of bytes, or of structs with a field named bytes")


def _bytes(value: Any) -> bytes:
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        raise ImageError("no picture in this row")
    return data
