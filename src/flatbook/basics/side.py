"""Buying and selling, as signs."""

from enum import IntEnum


class Side(IntEnum):
    """+1 buys, -1 sells; `side * quantity` is the signed quantity."""

    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> "Side":
        """The side that undoes this one."""
        return Side(-self.value)

    @property
    def word(self) -> str:
        """`buy` or `sell`, for people."""
        return "buy" if self is Side.BUY else "sell"


BUY = Side.BUY
SELL = Side.SELL
