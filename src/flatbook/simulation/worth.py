"""What a contract is truly worth in the hidden state, and how far apart the market quotes it."""

from math import exp, log

import msgspec

from flatbook.basics import years_between
from flatbook.instruments import Contract, Future, Option, Perpetual, Spot
from flatbook.simulation.latent import Frame
from flatbook.simulation.surface import CoinState, black, forward, smile_vol


class Worth(msgspec.Struct, frozen=True):
    """Fair price and the market's half-spread around it, both in the contract's price unit."""

    fair: float
    half_spread: float


class OptionWorth(msgspec.Struct, frozen=True):
    """An option's fair price and half-spread in its price unit, its vol, and the forward in dollars."""

    fair: float
    half_spread: float
    vol: float
    forward: float


def delta_one_price(contract: Spot | Perpetual | Future, frame: Frame, ns: int) -> float:
    """The fair price of a spot pair, perpetual or future, in its quote unit."""
    state = frame.coins[contract.underlying]
    if isinstance(contract, Spot):
        return state.spot / frame.peg
    if isinstance(contract, Perpetual):
        return state.spot * (1.0 + (state.inverse_premium if contract.inverse else state.linear_premium))
    return forward(state, years_between(ns, contract.expiry_ns))


def option_worth(option: Option, strike: float, state: CoinState, ns: int, vol_half_spread: float) -> OptionWorth:
    """The fair price of an option and the half-spread of a market that thinks in vols, never finer than the tick."""
    years = years_between(ns, option.expiry_ns)
    outright = forward(state, years)
    moneyness = log(strike / outright)
    vol = smile_vol(state, moneyness, years)
    dollars, vega = black(outright, strike, years, vol, option.sign)
    unit = outright if option.inverse else 1.0
    value = dollars / unit
    half = max(0.5 * float(option.tick), min(vega / unit * vol_half_spread * (2.0 - exp(-abs(moneyness) * 4.0)), 0.4 * value))
    return OptionWorth(value, half, vol, outright)


def worth(contract: Contract, frame: Frame, ns: int, vol_half_spread: float) -> Worth:
    """Fair price and half-spread of any contract; a delta-one market is about a tick wide."""
    if isinstance(contract, Option):
        option = option_worth(contract, float(contract.strike), frame.coins[contract.underlying], ns, vol_half_spread)
        return Worth(option.fair, option.half_spread)
    return Worth(delta_one_price(contract, frame, ns), 0.75 * float(contract.tick))
