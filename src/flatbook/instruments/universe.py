"""The numbering of contracts: append-only rows, grouped in one block of slots per underlying."""

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints, filled, grown
from flatbook.instruments.contracts import Contract, Option, contract_key, expiry_of

_FIRST_CAPACITY = 64


class Block(msgspec.Struct):
    """The rows of one underlying, as columns by slot. Columns have `capacity`; only the first `size` slots are in use.

    strike: dollars, 0 for what is no option; sign: +1 call, -1 put, 0 no option; inverse: 1.0 or 0.0;
    tenor: index into `expiries`; expiry_ns: by slot; row: back to the universe; live: listed and not expired.
    `delta_one` lists the slots that are no options.
    """

    underlying: str
    size: int
    row: Ints
    strike: Floats
    sign: Floats
    inverse: Floats
    tenor: Ints
    live: Flags
    expiries: list[int]
    delta_one: list[int]

    @property
    def capacity(self) -> int:
        """How many slots the columns have room for."""
        return self.row.shape[0]


def empty_block(underlying: str) -> Block:
    """A block without rows; its first tenor is spot."""
    return Block(
        underlying=underlying,
        size=0,
        row=np.full(_FIRST_CAPACITY, -1, dtype=np.int64),
        strike=filled(_FIRST_CAPACITY, 0.0),
        sign=filled(_FIRST_CAPACITY, 0.0),
        inverse=filled(_FIRST_CAPACITY, 0.0),
        tenor=np.zeros(_FIRST_CAPACITY, dtype=np.int64),
        live=np.zeros(_FIRST_CAPACITY, dtype=np.bool_),
        expiries=[0],
        delta_one=[],
    )


class Universe(msgspec.Struct):
    """All contracts ever listed. `contracts[row]` is the contract; rows are never reused.

    underlying_of[row] is the block's index, slot_of[row] the place within it.
    """

    contracts: list[Contract] = []
    rows: dict[str, int] = {}
    underlyings: dict[str, int] = {}
    underlying_of: list[int] = []
    slot_of: list[int] = []
    blocks: list[Block] = []

    def __len__(self) -> int:
        return len(self.contracts)

    def row(self, venue: str, symbol: str) -> int | None:
        """The row of a venue's symbol, or None when it was never listed."""
        return self.rows.get(f"{venue}:{symbol}")

    def is_live(self, row: int) -> bool:
        """Whether the row is listed and not yet expired or withdrawn."""
        return bool(self.blocks[self.underlying_of[row]].live[self.slot_of[row]])

    def list_contract(self, contract: Contract) -> int:
        """Append `contract` and return its row. Listing it again makes the same row live again."""
        known = self.rows.get(contract_key(contract))
        if known is not None:
            self.blocks[self.underlying_of[known]].live[self.slot_of[known]] = True
            return known
        row = len(self.contracts)
        index = self._underlying_index(contract.underlying)
        self.contracts.append(contract)
        self.rows[contract_key(contract)] = row
        self.underlying_of.append(index)
        self.slot_of.append(_append_slot(self.blocks[index], row, contract))
        return row

    def withdraw(self, row: int) -> None:
        """Mark the row as no longer traded; its number stays taken."""
        self.blocks[self.underlying_of[row]].live[self.slot_of[row]] = False

    def _underlying_index(self, underlying: str) -> int:
        index = self.underlyings.get(underlying)
        if index is None:
            index = len(self.blocks)
            self.underlyings[underlying] = index
            self.blocks.append(empty_block(underlying))
        return index


def _append_slot(block: Block, row: int, contract: Contract) -> int:
    slot = block.size
    if slot == block.capacity:
        _widen(block, 2 * block.capacity)
    block.size += 1
    block.row[slot] = row
    block.live[slot] = True
    block.inverse[slot] = float(contract.inverse)
    block.tenor[slot] = _tenor_index(block, expiry_of(contract))
    if isinstance(contract, Option):
        block.strike[slot] = float(contract.strike)
        block.sign[slot] = float(contract.sign)
    else:
        block.delta_one.append(slot)
    return slot


def _widen(block: Block, capacity: int) -> None:
    block.row = grown(block.row, capacity, -1)
    block.strike = grown(block.strike, capacity, 0.0)
    block.sign = grown(block.sign, capacity, 0.0)
    block.inverse = grown(block.inverse, capacity, 0.0)
    block.tenor = grown(block.tenor, capacity, 0)
    block.live = grown(block.live, capacity, False)


def _tenor_index(block: Block, expiry_ns: int) -> int:
    if expiry_ns not in block.expiries:
        block.expiries.append(expiry_ns)
    return block.expiries.index(expiry_ns)
