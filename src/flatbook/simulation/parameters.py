"""The climate of the simulated market and the temper of its takers. Years are ACT/365, vols annual decimals."""

import msgspec

from flatbook.basics import NS_PER_MS, NS_PER_SECOND


class CoinParameters(msgspec.Struct, frozen=True, kw_only=True):
    """One coin's climate.

    realised_vol is the middle of the spot's volatility, which clusters; implied_vol the level its surface returns to.
    `tick` is the dollar tick of its perpetuals and futures, `coins_at_top` the usual size at the best price.
    """

    name: str
    spot: float
    realised_vol: float
    implied_vol: float
    tick: str
    option_tick: str
    wide_option_tick: str
    wide_above: str
    option_lot: str
    coin_lot: str
    coins_at_top: float


BTC = CoinParameters(
    name="BTC",
    spot=92_000.0,
    realised_vol=0.42,
    implied_vol=0.46,
    tick="0.5",
    option_tick="0.0001",
    wide_option_tick="0.0005",
    wide_above="0.005",
    option_lot="0.1",
    coin_lot="0.001",
    coins_at_top=2.0,
)
ETH = CoinParameters(
    name="ETH",
    spot=3_150.0,
    realised_vol=0.62,
    implied_vol=0.66,
    tick="0.05",
    option_tick="0.0001",
    wide_option_tick="0.0005",
    wide_above="0.005",
    option_lot="1",
    coin_lot="0.01",
    coins_at_top=40.0,
)


class MarketParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The simulated market as a whole.

    The hidden state moves every `frame_ns`; every option's ticker comes round once in `ticker_round_ns`. Jumps come
    `jumps_per_day` times a day with a deviation of `jump_size` in log price. `horizon_ns` is how far ahead the state
    is drawn, for takers who know something.
    """

    coins: tuple[CoinParameters, ...] = (BTC, ETH)
    correlation: float = 0.75
    jumps_per_day: float = 4.0
    jump_size: float = 0.006
    frame_ns: int = 250 * NS_PER_MS
    ticker_round_ns: int = 3 * NS_PER_SECOND
    horizon_ns: int = 30 * NS_PER_SECOND
    strikes: int = 25
    depth_levels: int = 8
    trades_per_second: float = 1.5
    option_vol_half_spread: float = 0.012


class TakerParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes for our quotes.

    per_hour: option takers an hour and underlying; perpetual_per_hour likewise. lots_median and lots_spread (log) are
    an option order's size in lots, perpetual_dollars a perpetual's. willingness: how fast the chance of paying falls,
    per half-spread away from fair. informed: the fraction that knows fair value `informed_ns` ahead, where the market
    can say it.
    """

    per_hour: float = 240.0
    perpetual_per_hour: float = 40.0
    lots_median: float = 8.0
    lots_spread: float = 0.9
    perpetual_dollars: float = 5_000.0
    willingness: float = 1.2
    informed: float = 0.08
    informed_ns: int = 20 * NS_PER_SECOND
