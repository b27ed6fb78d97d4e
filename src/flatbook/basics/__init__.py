"""What every other room takes for granted: sides, instants, amounts, columns and faults.

An instant is an integer of nanoseconds since 1970-01-01 UTC and ends in `_ns`; a duration in years is
ACT/365 and ends in `_years`. A side is +1 for buying and -1 for selling, so that multiplying by it
signs a quantity. Money that moves is a `Decimal`; money that is measured is a float64 column.
Nothing here reads a clock.
"""

from flatbook.basics.bounds import Correlation, Fraction, NotNegative, Positive, PositiveCount
from flatbook.basics.columns import Flags, Floats, Ints, Numbers, filled, grown
from flatbook.basics.faults import InputFault
from flatbook.basics.money import ZERO, Amount, exact, quantised
from flatbook.basics.side import BUY, SELL, Side
from flatbook.basics.time import (
    NS_PER_DAY,
    NS_PER_HOUR,
    NS_PER_MINUTE,
    NS_PER_MS,
    NS_PER_SECOND,
    NS_PER_YEAR,
    format_utc,
    parse_utc,
    years_between,
)

__all__ = [
    "BUY",
    "NS_PER_DAY",
    "NS_PER_HOUR",
    "NS_PER_MINUTE",
    "NS_PER_MS",
    "NS_PER_SECOND",
    "NS_PER_YEAR",
    "SELL",
    "ZERO",
    "Amount",
    "Correlation",
    "Flags",
    "Floats",
    "Fraction",
    "InputFault",
    "Ints",
    "NotNegative",
    "Numbers",
    "Positive",
    "PositiveCount",
    "Side",
    "exact",
    "filled",
    "format_utc",
    "grown",
    "parse_utc",
    "quantised",
    "years_between",
]
