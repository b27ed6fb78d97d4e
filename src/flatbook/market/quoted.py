"""A smile fitted to the bids and asks of one expiry, between its neighbours in the calendar."""

import math
from typing import NamedTuple

import numpy as np

from flatbook.basics import Flags, Floats, Ints
from flatbook.instruments import Block
from flatbook.market.record import UnderlyingMarket
from flatbook.market.surface import BORROWED, FITTED, REPAIRED
from flatbook.pricing.smiles import SVI, calendar, lifted, repaired
from flatbook.pricing.smiles.repair import Repair
from flatbook.pricing.surface import (
    BORROWED_UNSURE,
    FEWEST_STRIKES,
    OUTLIER,
    THIN,
    Known,
    fit_slice,
    heard_quotes,
    levelled,
    scaled,
    slopes_at,
    uncertainty_at,
    vols_at,
)
from flatbook.pricing.surface import FITTED as SLICE_FITTED

_RECOGNISABLE = 0.25  # of the quotes it held: a slice that its bounds leave fewer is not its quotes' any more
_ROUNDING = 1e-12  # of a vol that is exactly on its bid or ask
_NO_SLICE, _NO_SLICES, _NO_ENDS = np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2))


class Neighbour(NamedTuple):
    """A slice of another expiry as it stands now: its tenor, its years, the k between which it is quoted, and since when."""

    tenor: int
    svi: SVI
    years: float
    ends: tuple[float, float]
    told_ns: int


class QuotedSmile(NamedTuple):
    """What a fit says of one expiry, told at `told_ns`; `crossed` are the tenors of older neighbours that it crosses.

    By slot of the expiry: vol, uncertainty, outlying, by_moneyness (d vol / d ln K).
    """

    told_ns: int
    crossed: list[int]
    slice: Floats
    ends: tuple[float, float]
    state: int
    reason: str
    rmse: float
    inside: float
    vol: Floats
    uncertainty: Floats
    outlying: Flags
    by_moneyness: Floats


class _Quotes(NamedTuple):
    """One quote for every strike, rising; told_ns is when the middle one of those with both sides was told."""

    told_ns: int
    strike: Floats
    k: Floats
    bid: Floats
    ask: Floats
    flags: Ints


def quoted_smile(
    entry: UnderlyingMarket, block: Block, tenor: int, forward: float, fresh: Flags, start: SVI | None,
    neighbours: list[Neighbour], *, hold: bool,
) -> tuple[QuotedSmile | None, str]:  # fmt: skip
    """The smile that the fresh quotes of `tenor` show; or None, and why they show none.

    `fresh` is by slot of the expiry; `start` the slice that the last fit left; `neighbours` the slice before and the one after in
    the calendar, those there are. The slice is free of butterfly arbitrage. Where it crosses a neighbour the newer word
    holds: a neighbour told no earlier bounds it (all do, if `hold`), and an older one is named in `crossed`, to be fitted
    again. Too few strikes borrow a neighbour's shape; quotes that contradict each other show nothing.
    """
    years = entry.averages.years.item(tenor)
    quotes = _quotes(entry, block, tenor, forward, years, fresh)
    raw = np.zeros(5) if start is None else np.array(start.raw)
    status = _fit(quotes, years, raw, None, None)
    if status not in (SLICE_FITTED, THIN):
        return None, "most of its quotes contradict the others"
    state, reason, svi = FITTED, "", SVI(*raw.tolist()) if status == SLICE_FITTED else None
    if svi is None:
        borrowed = _borrowed(quotes, years, neighbours)
        if borrowed is None:
            return None, f"fewer than {FEWEST_STRIKES} strikes have both sides, uncrossed, and no neighbour lends a shape"
        state, (svi, reason) = BORROWED, borrowed
    crossed = [each for each in neighbours if _cross(svi, years, each)]
    bounds = [each for each in crossed if hold or each.told_ns >= quotes.told_ns]
    repair = _between(quotes, svi, years, bounds, fitted=state == FITTED, hold=hold)
    if repair is None:
        return None, "its quotes contradict those of the next expiry"
    if repair.reason:
        state, reason = (REPAIRED if state == FITTED else state), f"{reason}; {repair.reason}".lstrip("; ")
    yielding = [each.tenor for each in crossed if each not in bounds]
    return _measured(entry, block, tenor, forward, years, quotes, repair.svi, state, reason, yielding), ""


def _fit(quotes: _Quotes, years: float, raw: Floats, earlier: Neighbour | None, later: Neighbour | None) -> int:
    """Fit `raw` in place, above `earlier` everywhere, below `later` where that is quoted, and faintly where neither is."""
    floor = _NO_SLICE if earlier is None else np.array(earlier.svi.raw)
    caps, ends = _NO_SLICES, _NO_ENDS
    if later is not None and quotes.k.size:
        low, high = quotes.k.item(0), quotes.k.item(-1)
        caps, ends = np.array([later.svi.raw] * 3), np.array([later.ends, (-math.inf, low), (high, math.inf)])
    one = np.ones(quotes.k.size)
    return fit_slice(quotes.k, quotes.bid, quotes.ask, one, years, raw, floor, caps, ends, quotes.flags)


def _cross(svi: SVI, years: float, other: Neighbour) -> bool:
    """Whether a slice lies below an earlier one anywhere, or above a later one where that is quoted."""
    if other.years < years:
        return not calendar(other.svi, svi).free
    low, high = other.ends
    return any(start <= high and end >= low for start, end in calendar(svi, other.svi).intervals)


def _between(quotes: _Quotes, svi: SVI, years: float, bounds: list[Neighbour], *, fitted: bool, hold: bool) -> Repair | None:
    """The slice fitted again between its bounds, and the exact tests' word on it; None if its quotes contradict them.

    To `hold` is to bound old quotes by newer ones: if these contradict each other, two expiries cross until the old one is told
    again.
    """
    if not bounds:
        return repaired(svi, years)
    earlier = next((each for each in bounds if each.years < years), None)
    later = next((each for each in bounds if each.years > years), None)
    raw, free = np.array(svi.raw), repaired(svi, years)
    bound = not fitted or _fit(quotes, years, raw, earlier, later) == SLICE_FITTED
    held = SVI(*raw.tolist())
    found = repaired(held, years) if earlier is None else lifted(held, earlier.svi)
    if bound and (not fitted or _inside(quotes, found.svi, years) >= _RECOGNISABLE * _inside(quotes, free.svi, years)):
        return found
    if not hold:
        return None
    return free._replace(reason=f"it crosses a neighbour that its quotes contradict; {free.reason}".rstrip("; "))


def _inside(quotes: _Quotes, svi: SVI, years: float) -> float:
    """The share of two-sided quotes whose bid and ask hold the slice; 1 if there are none."""
    vol, two = vols_at(svi, quotes.k, years), (quotes.bid > 0.0) & (quotes.ask >= quotes.bid)
    held = (quotes.bid <= vol + _ROUNDING) & (vol <= quotes.ask + _ROUNDING)
    return float(np.mean(held[two])) if two.any() else 1.0


def _quotes(entry: UnderlyingMarket, block: Block, tenor: int, forward: float, years: float, fresh: Flags) -> _Quotes:
    """Bids and asks of the fresh slots as vols, one quote a strike.

    A price stands for a vol at the forward of when it was told; the vol stays with its strike, and that is seen from `forward`.
    """
    slots = entry.tenor_slots[tenor][fresh]
    then = entry.told_reference[slots]
    forwards = np.where(then > 0.0, then * (forward / entry.reference), forward)
    unit = np.where(block.inverse[slots] > 0.0, forwards, 1.0)
    strike, bid, ask = block.strike[slots], entry.bid[slots], entry.ask[slots]
    one = np.ones(slots.size)
    heard = heard_quotes(0.0 * one, years * one, forwards, strike, block.sign[slots], bid * unit, ask * unit)
    told = np.sort(entry.told_ns[slots][(bid > 0.0) & (ask >= bid)])
    told_ns = int(told[told.size // 2]) if told.size else 0
    flags = np.zeros(heard.strike.size, dtype=np.int64)
    return _Quotes(told_ns, heard.strike, np.log(heard.strike / forward), heard.bid_vol, heard.ask_vol, flags)


def _borrowed(quotes: _Quotes, years: float, neighbours: list[Neighbour]) -> tuple[SVI, str] | None:
    """The nearer neighbour's shape at the level, and with the skew, that the few quotes show."""
    if not neighbours or not quotes.told_ns:
        return None
    lender = min(neighbours, key=lambda each: abs(math.log(each.years / years)))
    svi, words = levelled(scaled(lender.svi, math.sqrt(years / lender.years)), quotes.k, quotes.bid, quotes.ask, years)
    lent = f"few quotes: the shape of the expiry {365.0 * lender.years:.3g} days away"
    return svi, f"{lent}, {words}" if words else lent


def _measured(
    entry: UnderlyingMarket, block: Block, tenor: int, forward: float, years: float, quotes: _Quotes, svi: SVI,
    state: int, reason: str, crossed: list[int],
) -> QuotedSmile:  # fmt: skip
    """The slice at every slot of the expiry, and how well it holds its quotes."""
    fitted = vols_at(svi, quotes.k, years)
    two = (quotes.bid > 0.0) & (quotes.ask >= quotes.bid)
    used = two & (quotes.flags != OUTLIER)
    off = (fitted - 0.5 * (quotes.bid + quotes.ask))[used]
    slots = entry.tenor_slots[tenor]
    k = np.log(block.strike[slots] / forward)
    vol = vols_at(svi, k, years)
    extra = BORROWED_UNSURE * vols_at(svi, np.zeros(1), years).item(0) if state == BORROWED else 0.0
    unsure = np.hypot(np.hypot(0.5 * (quotes.ask - quotes.bid)[used], off), extra)
    known = Known(quotes.k[used], unsure) if used.any() else Known(np.zeros(1), np.array([extra]))
    outliers = quotes.strike[quotes.flags == OUTLIER]
    return QuotedSmile(
        told_ns=quotes.told_ns,
        crossed=crossed,
        slice=np.array(svi.raw),
        ends=(float(quotes.k[used][0]), float(quotes.k[used][-1])) if used.any() else (0.0, 0.0),
        state=state,
        reason=reason,
        rmse=float(np.sqrt(np.mean(off * off))) if off.size else 0.0,
        inside=_inside(quotes, svi, years),
        vol=vol,
        uncertainty=uncertainty_at(svi, years, known, k, vol),
        outlying=np.isin(block.strike[slots], outliers),
        by_moneyness=slopes_at(svi, k) / (2.0 * vol * years),
    )
