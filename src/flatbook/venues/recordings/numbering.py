"""Whose number a contract bears: the desk's rows for a recording's rows."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import polars as pl

from flatbook.instruments import Contract, contract_key
from flatbook.venues.recordings.columns import KINDS, contract_of
from flatbook.venues.recordings.format import Manifest


class Listing(msgspec.Struct, frozen=True):
    """The recording's `row` is listed as `contract` from `local_ns` on."""

    order: int
    local_ns: int
    row: int
    contract: Contract


class Numbering:
    """The desk's rows: known contracts keep theirs, a new one gets the next, as the universe itself would give it."""

    def __init__(self, known: Sequence[Contract] = ()) -> None:
        self.contracts: list[Contract] = list(known)
        self._rows = {contract_key(contract): row for row, contract in enumerate(known)}

    def __contains__(self, contract: Contract) -> bool:
        return contract_key(contract) in self._rows

    def row(self, contract: Contract) -> int:
        """The row of `contract`, which is the next free one if it was never seen."""
        key = contract_key(contract)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = len(self.contracts)
            self.contracts.append(contract)
        return row


class Listings:
    """All listings and delistings of one recording, which are few enough to be held."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        frame = _whole(folder, manifest, "listings")
        self.all = [
            Listing(order, local_ns, row, contract_of(text))
            for order, local_ns, row, text in frame.select("order", "local_ns", "row", "contract").iter_rows()
        ]
        self._withdrawn: list[tuple[int, int, int]] = _whole(folder, manifest, "delistings").rows()

    @property
    def row_count(self) -> int:
        """How many rows the recording numbers."""
        return 1 + max((listing.row for listing in self.all), default=-1)

    def live_before(self, begin_ns: int) -> list[Listing]:
        """What was listed before `begin_ns` and not withdrawn since, in order of the recording's rows."""
        changes: list[tuple[int, int, Listing | None]] = [
            (listing.order, listing.row, listing) for listing in self.all if listing.local_ns < begin_ns
        ]
        changes += [(order, row, None) for order, local_ns, row in self._withdrawn if local_ns < begin_ns]
        live: dict[int, Listing] = {}
        for _, row, listing in sorted(changes, key=lambda change: change[0]):
            if listing is None:
                live.pop(row, None)
            else:
                live[row] = listing
        return [live[row] for row in sorted(live)]

    def within(self, begin_ns: int, end_ns: int) -> Iterable[Listing]:
        """What is listed from `begin_ns` to `end_ns`, in order."""
        return (listing for listing in self.all if begin_ns <= listing.local_ns <= end_ns)


def _whole(folder: Path, manifest: Manifest, kind: str) -> pl.DataFrame:
    files = [folder / part.path for part in manifest.parts if part.kind == kind]
    return pl.read_parquet(files) if files else pl.DataFrame(schema={"order": pl.Int64, "local_ns": pl.Int64, **KINDS[kind][1]})
