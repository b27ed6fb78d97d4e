"""The vol surface as a screen or a report sees it, expiry by expiry."""

from math import sqrt

import numpy as np

from flatbook.basics import NS_PER_SECOND
from flatbook.engine.snapshot import SmileView
from flatbook.engine.state import State
from flatbook.market import FORWARD_SOURCES, SMILE_STATES, UnderlyingMarket
from flatbook.risk import dollar_delta

_WING = 0.25


def smile_views(state: State) -> list[SmileView]:
    """The live expiries of every underlying, the nearest first."""
    views: list[SmileView] = []
    for index, block in enumerate(state.universe.blocks):
        surface = state.market.underlyings[index].surface
        alive = [tenor for tenor, known in enumerate(surface.state.tolist()) if known and block.expiries[tenor] > state.now_ns]
        views += [_smile_view(state, index, tenor) for tenor in sorted(alive, key=lambda tenor: block.expiries[tenor])]
    return views


def calendar_vol(market: UnderlyingMarket, tenor: int, vol: float) -> float:
    """`vol` as exchanges quote it, of the calendar's life; ours, in an expiry's last day, is of the life that variance counts."""
    life, years = market.averages.life.item(tenor), market.averages.years.item(tenor)
    return vol * sqrt(years / life) if life > 0.0 else vol


def _smile_view(state: State, index: int, tenor: int) -> SmileView:
    block, market = state.universe.blocks[index], state.market.underlyings[index]
    surface, forwards, slots = market.surface, market.forwards, market.tenor_slots[tenor]
    nearest = int(slots[np.argmin(np.abs(block.strike[slots] - market.forward[slots]))])
    source, newest_ns = int(forwards.source[tenor]), int(surface.vol_ns[slots].max())
    others = [place for place in range(len(FORWARD_SOURCES)) if place != source and forwards.told_ns[place, tenor] > 0]
    own = 1.0 + forwards.basis.item(source, tenor) if source >= 0 else 1.0
    return SmileView(
        underlying=block.underlying,
        expiry_ns=block.expiries[tenor],
        forward=market.forward.item(nearest),
        source=FORWARD_SOURCES[source] if source >= 0 else "",
        apart={FORWARD_SOURCES[place]: (1.0 + forwards.basis.item(place, tenor)) / own - 1.0 for place in others},
        at_the_money_vol=calendar_vol(market, tenor, market.vol.item(nearest)),
        skew=calendar_vol(market, tenor, _skew(state, index, slots)),
        state=SMILE_STATES[int(surface.state[tenor])],
        reason=surface.reason.get(tenor, ""),
        rmse=surface.rmse.item(tenor),
        inside=surface.inside.item(tenor),
        outliers=int(surface.outlying[slots].sum()),
        age_s=(state.now_ns - newest_ns) / NS_PER_SECOND if newest_ns else -1.0,
    )


def _skew(state: State, index: int, slots: np.ndarray) -> float:
    """The vol of the put nearest 25 delta less that of the call nearest it; 0 where there is no such pair."""
    block, market, risk = state.universe.blocks[index], state.market.underlyings[index], state.risk.underlyings[index]
    deltas = np.array([dollar_delta(block, market, risk, int(slot)) for slot in slots])
    puts, calls = slots[deltas < 0.0], slots[deltas > 0.0]
    if not (puts.size and calls.size):
        return 0.0
    put = puts[np.argmin(np.abs(deltas[deltas < 0.0] + _WING))]
    call = calls[np.argmin(np.abs(deltas[deltas > 0.0] - _WING))]
    return market.vol.item(int(put)) - market.vol.item(int(call))
