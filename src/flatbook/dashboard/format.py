"""Numbers as a trader reads them: pure functions from a number to a text of fixed shape.

Signs are plain `+` and `-`, thousands are set off by commas, a number that does not exist is a dash, and nothing ever
reads `-0`. Units belong to the column's header, not to the cell.
"""

import math

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_SECOND, format_utc

ABSENT = "–"
_MAGNITUDES = ((1e9, "bn $"), (1e6, "m $"), (1e3, "k $"))


def number(value: float, places: int = 0, *, signed: bool = False) -> str:
    """`1,234.50`; with `signed`, `+1,234.50`. Zero has no sign, whatever it was rounded from."""
    if not math.isfinite(value):
        return ABSENT
    text = f"{value:+,.{places}f}" if signed else f"{value:,.{places}f}"
    return text.lstrip("+-") if not text.strip("+-0.,") else text


def cash(value: float, *, signed: bool = True) -> str:
    """Whole dollars."""
    return number(value, 0, signed=signed)


def cents(value: float, *, signed: bool = True) -> str:
    """Dollars and cents, for money that was booked."""
    return number(value, 2, signed=signed)


def coins(value: float, *, signed: bool = True) -> str:
    """Coins to four places: a tenth of a thousandth of a bitcoin is a few dollars."""
    return number(value, 4, signed=signed)


def quantity(value: float, *, signed: bool = False) -> str:
    """A quantity in the contract's own unit: dollars come in hundreds and need no decimals, coins need some."""
    whole = abs(value) >= 10_000 or (abs(value) >= 100 and value == round(value))
    return number(value, 0 if whole else 3, signed=signed)


def price_places(price: float) -> int:
    """How many decimals a price of this size is shown with: premiums in coin need four and more, spot needs one."""
    size = abs(price)
    if not math.isfinite(size) or size >= 10_000:
        return 1
    return 2 if size >= 10 else 4 if size >= 1 else 5


def price(value: float, like: float | None = None, *, signed: bool = False) -> str:
    """A price with the decimals its size needs, or those that the price `like` needs."""
    return number(value, price_places(value if like is None else like), signed=signed)


def percent(fraction: float, places: int = 1) -> str:
    """A fraction as per cent, without the sign for it: 0.525 reads `52.5`."""
    return number(100.0 * fraction, places)


def clock(ns: int, *, milliseconds: bool = False) -> str:
    """The UTC time of day of an instant: `08:00:00`, or `08:00:00.485`."""
    text = format_utc(ns)[11:23]
    return text if milliseconds else text[:8]


def day_and_clock(ns: int) -> str:
    """`2026-01-06 08:00:00.485`, UTC."""
    return format_utc(ns)[:23].replace("T", " ")


def age(seconds: float) -> str:
    """How long ago, in the unit that fits: `0.4 s`, `95 s`, `12 min`, `5 h`."""
    if not math.isfinite(seconds):
        return ABSENT
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def span(ns: int) -> str:
    """A length of time in words short enough for a header: `45 s`, `12 min`, `3 h`, `2 d`."""
    for unit, word in ((NS_PER_DAY, "d"), (NS_PER_HOUR, "h"), (NS_PER_MINUTE, "min")):
        if ns >= 2 * unit:
            return f"{ns // unit} {word}"
    return f"{ns // NS_PER_SECOND} s"


def counted(count: int, word: str) -> str:
    """`1 position`, `2 positions`: a count and its word, for words whose plural takes an s."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def cash_unit(largest: float) -> tuple[float, str]:
    """The divisor and the name of the unit in which amounts up to `largest` dollars take five digits at most."""
    for size, name in _MAGNITUDES:
        if abs(largest) >= 100 * size:
            return size, name
    return 1.0, "$"


def sign_class(value: float) -> str:
    """`up` or `down` for the colour of a signed number; nothing for zero and for what does not exist."""
    return "up" if value > 0 else "down" if value < 0 else ""


def merged_order(sequences: list[list[str]]) -> list[str]:
    """One order of all names that keeps each sequence's own: a name not seen yet goes right behind its predecessor."""
    order: list[str] = []
    for names in sequences:
        place = 0
        for name in names:
            if name in order:
                place = order.index(name) + 1
            else:
                order.insert(place, name)
                place += 1
    return order
