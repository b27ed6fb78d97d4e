"""A book written down by hand or exported by a venue: one line for each position."""

import csv
import math
from collections.abc import Iterable
from pathlib import Path

import msgspec

from flatbook.basics import InputFault

_NEEDED = ("venue", "symbol", "quantity")
_KNOWN = (*_NEEDED, "price")
_LARGEST = 10**15


class HeldPosition(msgspec.Struct, frozen=True):
    """Signed `quantity` of a venue's symbol, in the contract's own unit; `price` is what it was entered at, if told.

    `where` is the file and line that it stands in, for whoever has to correct it.
    """

    venue: str
    symbol: str
    quantity: float
    price: float | None
    where: str

    @property
    def key(self) -> str:
        """`venue:symbol`."""
        return f"{self.venue}:{self.symbol}"


def read_positions(path: Path) -> list[HeldPosition]:
    """The positions of a CSV with columns venue, symbol, quantity and, optionally, price. Lines that start with # are notes.

    Raises InputFault naming the line and field of the first thing that is wrong; a file without positions is wrong too.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _positions(path, file)
    except UnicodeDecodeError:
        raise InputFault("is not text", where=str(path), remedy="save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise InputFault(f"is no CSV ({error})", where=str(path), remedy="save it as comma-separated text") from None
    except OSError as error:
        wrong = (error.strerror or str(error)).lower()
        raise InputFault(wrong, where=str(path), remedy="name a CSV file of positions") from None


def _positions(path: Path, text: Iterable[str]) -> list[HeldPosition]:
    lines = csv.reader(text)
    header: list[str] | None = None
    positions: list[HeldPosition] = []
    for cells in lines:
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        if header is None:
            header = _header(path, cells)
        else:
            positions.append(_position(f"{path}, line {lines.line_num}", header, cells))
    if not positions:
        raise InputFault("holds no position", where=str(path), remedy=f"give a header {', '.join(_KNOWN)} and a line each")
    return positions


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    missing = [name for name in _NEEDED if name not in names]
    unknown = [name for name in names if name not in _KNOWN]
    if missing:
        wrong = f"has no column {', '.join(missing)}"
        raise InputFault(wrong, where=f"{path}, line 1", remedy=f"start the file with {','.join(_KNOWN)}")
    if unknown or len(set(names)) < len(names):
        wrong = f"{', '.join(map(repr, unknown))} is no column" if unknown else "a column comes twice"
        raise InputFault(wrong, where=f"{path}, line 1", remedy=f"the columns are {', '.join(_KNOWN)}")
    return names


def _position(where: str, header: list[str], cells: list[str]) -> HeldPosition:
    if len(cells) != len(header):
        raise InputFault(f"has {len(cells)} fields where the header has {len(header)}", where=where, remedy="fill or remove it")
    fields = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name in ("venue", "symbol"):
        if not fields[name]:
            raise InputFault("is empty", where=f"{where}, {name}", remedy="say what is held, and where")
    price = _number(f"{where}, price", fields["price"]) if fields.get("price") else None
    if price is not None and price <= 0.0:
        raise InputFault(f"{fields['price']!r} is not above zero", where=f"{where}, price", remedy="correct it or leave it empty")
    return HeldPosition(fields["venue"], fields["symbol"], _number(f"{where}, quantity", fields["quantity"]), price, where)


def _number(where: str, text: str) -> float:
    try:
        # Python reads 1_000 and other scripts' digits too; nobody who writes them means to.
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputFault(f"{text!r} is not a number", where=where, remedy="write it as 1.5 or -2000, without separators")
    if abs(number) > _LARGEST:
        raise InputFault(f"{text!r} is beyond {_LARGEST:,}", where=where, remedy="correct it")
    return number
