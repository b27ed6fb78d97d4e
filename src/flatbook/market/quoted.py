"""A smile fitted to the bids and asks of one expiry, between its neighbours in the calendar."""

import math
from typing import NamedTuple

import numpy as np

from flatbook.basics import Flags, Floats, Ints
from flatbook.instruments import Block
from flatbook.market.record import UnderlyingMarket
from flatbook.market.surface import BORROWED, FITTED, REPAIRED
from flatbook.pricing.smiles import SVI, lifted, repaired
from flatbook.pricing.surface import FEWEST_STRIKES, OUTLIER, THIN, Known, fit_slice
from flatbook.pricing.surface import FITTED as SLICE_FITTED
from flatbook.pricing.surface.borrow import levelled, scaled
from flatbook.pricing.surface.quotes import heard_quotes
from flatbook.pricing.surface.surface import uncertainty_at, vols_at

_BORROWED = 0.1  # of the vol is how unsure a borrowed smile is, whatever its quotes say
_NO_SLICE, _NO_SLICES, _NO_ENDS = np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2))


class Neighbour(NamedTuple):
    """A slice of another expiry as it stands now, its years, and the k between which it is quoted."""

    svi: SVI
    years: float
    ends: tuple[float, float]


class QuotedSmile(NamedTuple):
    """What a fit says of one expiry. By slot of the expiry: vol, uncertainty, outlying, by_moneyness (d vol / d ln K)."""

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
    """One quote for every strike, rising."""

    strike: Floats
    k: Floats
    bid: Floats
    ask: Floats
    flags: Ints


def quoted_smile(
    entry: UnderlyingMarket, block: Block, tenor: int, forward: float, fresh: Flags, start: SVI | None,
    earlier: Neighbour | None, later: Neighbour | None,
) -> tuple[QuotedSmile | None, str]:  # fmt: skip
    """The smile that the fresh quotes of `tenor` show; or None, and why they show none.

    `fresh` is by slot of the expiry; `start` the slice that the last fit left. Free of butterfly arbitrage and above `earlier`
    by the exact tests, below `later` where that is quoted as far as `earlier` leaves room. Too few strikes borrow the shape
    of a neighbour; quotes that contradict each other show nothing.
    """
    years = entry.averages.years.item(tenor)
    quotes = _quotes(entry, block, tenor, forward, years, fresh)
    raw = np.zeros(5) if start is None else np.array(start.raw)
    floor = _NO_SLICE if earlier is None else np.array(earlier.svi.raw)
    caps, ends = (_NO_SLICES, _NO_ENDS) if later is None else (np.array([later.svi.raw]), np.array([later.ends]))
    status = fit_slice(quotes.k, quotes.bid, quotes.ask, np.ones(quotes.k.size), years, raw, floor, caps, ends, quotes.flags)
    state, reason = FITTED, ""
    if status == SLICE_FITTED:
        svi = SVI(*raw.tolist())
    elif status == THIN:
        state = BORROWED
        borrowed = _borrowed(quotes, years, earlier, later)
        if borrowed is None:
            return None, f"fewer than {FEWEST_STRIKES} strikes are quoted on both sides, and no neighbour lends a shape"
        svi, reason = borrowed
    else:
        return None, "most of its quotes contradict the others"
    repair = repaired(svi, years) if earlier is None else lifted(svi, earlier.svi)
    if repair.reason:
        state, reason = (REPAIRED if state == FITTED else state), f"{reason}; {repair.reason}".lstrip("; ")
    return _measured(entry, block, tenor, forward, years, quotes, repair.svi, state, reason), ""


def _quotes(entry: UnderlyingMarket, block: Block, tenor: int, forward: float, years: float, fresh: Flags) -> _Quotes:
    """Bids and asks of the fresh slots as vols, one quote a strike."""
    slots = entry.tenor_slots[tenor][fresh]
    unit = np.where(block.inverse[slots] > 0.0, forward, 1.0)
    strike, bid, ask = block.strike[slots], entry.bid[slots] * unit, entry.ask[slots] * unit
    one = np.ones(slots.size)
    heard = heard_quotes(0.0 * one, years * one, forward * one, strike, block.sign[slots], bid, ask)
    flags = np.zeros(heard.strike.size, dtype=np.int64)
    return _Quotes(heard.strike, np.log(heard.strike / forward), heard.bid_vol, heard.ask_vol, flags)


def _borrowed(quotes: _Quotes, years: float, earlier: Neighbour | None, later: Neighbour | None) -> tuple[SVI, str] | None:
    """The nearer neighbour's shape at the level, and with the skew, that the few quotes show."""
    lenders = [each for each in (earlier, later) if each is not None]
    if not lenders:
        return None
    lender = min(lenders, key=lambda each: abs(math.log(each.years / years)))
    svi, words = levelled(scaled(lender.svi, math.sqrt(years / lender.years)), quotes.k, quotes.bid, quotes.ask, years)
    lent = f"few quotes: the shape of the expiry {365.0 * lender.years:.3g} days away"
    return svi, f"{lent}, {words}" if words else lent


def _measured(
    entry: UnderlyingMarket, block: Block, tenor: int, forward: float, years: float, quotes: _Quotes, svi: SVI,
    state: int, reason: str,
) -> QuotedSmile:  # fmt: skip
    """The slice at every slot of the expiry, and how well it holds its quotes."""
    fitted = vols_at(svi, quotes.k, years)
    two = (quotes.bid > 0.0) & (quotes.ask >= quotes.bid)
    used = two & (quotes.flags != OUTLIER)
    off = (fitted - 0.5 * (quotes.bid + quotes.ask))[used]
    slots = entry.tenor_slots[tenor]
    k = np.log(block.strike[slots] / forward)
    vol = vols_at(svi, k, years)
    extra = _BORROWED * vols_at(svi, np.zeros(1), years).item(0) if state == BORROWED else 0.0
    unsure = np.hypot(np.hypot(0.5 * (quotes.ask - quotes.bid)[used], off), extra)
    known = Known(quotes.k[used], unsure) if used.any() else Known(np.zeros(1), np.array([extra]))
    outliers = quotes.strike[quotes.flags == OUTLIER]
    return QuotedSmile(
        slice=np.array(svi.raw),
        ends=(float(quotes.k[used][0]), float(quotes.k[used][-1])) if used.any() else (0.0, 0.0),
        state=state,
        reason=reason,
        rmse=float(np.sqrt(np.mean(off * off))) if off.size else 0.0,
        inside=float(np.mean((quotes.bid <= fitted)[two] & (fitted <= quotes.ask)[two])) if two.any() else 1.0,
        vol=vol,
        uncertainty=uncertainty_at(svi, years, known, k, vol),
        outlying=np.isin(block.strike[slots], outliers),
        by_moneyness=_slope(svi, k) / (2.0 * vol * years),
    )


def _slope(svi: SVI, k: Floats) -> Floats:
    """dw/dk at a column of k."""
    y = k - svi.m
    return svi.b * (svi.rho + y / np.sqrt(y * y + svi.sigma * svi.sigma))
