"""Reading tables that others wrote, and saying exactly where one is wrong."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import polars as pl

from flatbook.basics import InputFault

INSTANT = pl.Datetime("ns", "UTC")


class Table(msgspec.Struct, frozen=True):
    """Some columns of a file, typed. `first` is what people call its first row: line 2 of a CSV, row 1 of a Parquet file."""

    file: Path
    frame: pl.DataFrame
    unit: str
    first: int

    def where(self, row: int, column: str) -> str:
        """`chain.csv, line 7, bid_price`, for the row of the frame with that index."""
        return f"{self.file}, {self.unit} {row + self.first}, {column}"

    def refuse(self, column: str, bad: pl.Expr, wrong: str, remedy: str = "") -> None:
        """Raise InputFault for the first row in which `bad` is true, `wrong` being formatted with its `value`."""
        row = self.frame.select(bad.fill_null(True).arg_true().first()).item()
        if row is not None:
            value = self.frame[column][row]
            raise InputFault(wrong.format(value=value), where=self.where(row, column), remedy=remedy)


def read_table(file: Path, columns: Mapping[str, pl.DataType], *, optional: frozenset[str] = frozenset()) -> Table:
    """The named columns of a CSV (also gzipped) or Parquet file, as these types.

    Cells of the `optional` columns may be empty. Raises InputFault for a file that cannot be read, a missing column, an
    empty cell, or a cell that is not of its type.
    """
    table = _opened(file, list(columns))
    missing = [name for name in columns if name not in table.frame.columns]
    if missing:
        raise InputFault(f"has no column {', '.join(missing)}", where=str(file), remedy=f"it needs {', '.join(columns)}")
    typed = [_typed(table, name, dtype, name in optional) for name, dtype in columns.items()]
    return Table(file, pl.DataFrame(typed), table.unit, table.first)


def not_positive(column: str) -> pl.Expr:
    """Whether a cell is anything but a finite number above zero. Polars counts NaN as the largest number."""
    return ~((pl.col(column) > 0.0) & pl.col(column).is_finite())


def column_names(file: Path) -> list[str]:
    """The columns of a CSV or Parquet file, without reading its rows."""
    try:
        if _is_parquet(file):
            return list(pl.read_parquet_schema(file))
        return pl.read_csv(file, infer_schema=False, n_rows=1).columns
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(file, error) from None


def _opened(file: Path, columns: list[str]) -> Table:
    """The file's rows, of a Parquet file only those of the columns that it has."""
    try:
        if _is_parquet(file):
            present = [name for name in pl.read_parquet_schema(file) if name in columns]
            return Table(file, pl.read_parquet(file, columns=present), "row", 1)
        return Table(file, pl.read_csv(file, infer_schema=False), "line", 2)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(file, error) from None


def _is_parquet(file: Path) -> bool:
    return file.suffix == ".parquet"


def _unreadable(file: Path, error: Exception) -> InputFault:
    form = "Parquet" if _is_parquet(file) else "CSV"
    reason = str(error).splitlines()[0].rstrip(".")
    return InputFault(f"cannot be read as {form} ({reason})", where=str(file), remedy="check that the file is whole")


def _typed(table: Table, name: str, dtype: pl.DataType, may_be_empty: bool) -> pl.Series:
    raw = table.frame[name]
    try:
        typed = _parsed(raw, dtype)
    except pl.exceptions.PolarsError:
        wrong = f"holds {raw.dtype} where {_word(dtype)} is expected"
        raise InputFault(
            wrong, where=f"{table.file}, column {name}", remedy="check that this is the right kind of file"
        ) from None
    spoilt = (typed.is_null() & raw.is_not_null()).arg_true()
    if spoilt.len():
        row = int(spoilt[0])
        raise InputFault(f"{raw[row]!r} is not {_word(dtype)}", where=table.where(row, name), remedy="correct or remove the row")
    empty = typed.is_null().arg_true() if not may_be_empty else pl.Series([], dtype=pl.UInt32)
    if empty.len():
        raise InputFault("is empty", where=table.where(int(empty[0]), name), remedy="correct or remove the row")
    return typed


def _parsed(raw: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.Datetime) and raw.dtype == pl.String:
        return raw.str.to_datetime(time_unit=dtype.time_unit, time_zone="UTC", strict=False)
    return raw.cast(dtype, strict=False)


def _word(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime):
        return "a UTC date and time"
    if isinstance(dtype, pl.List):
        return "a list of numbers"
    return "a number" if dtype.is_numeric() else "text"
