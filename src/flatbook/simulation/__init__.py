"""The wind tunnel: a seeded market in BTC and ETH, and the takers who come for our quotes.

A hidden state (spots, volatility surfaces, carry, premiums) moves in small frames; simulated venues publish what market
makers would make of it: a coin-margined venue with an inverse perpetual, inverse futures and options, a dollar-margined
one with linear perpetual and futures, and a spot venue. Takers weigh our quotes against what the contract is worth
where they can know it. Prices are in the contract's price unit, vols annual decimals, instants ns on the
simulation's own clock; every number comes from the seed.
"""

from flatbook.simulation.listing import simulated_venues
from flatbook.simulation.market import SimulatedMarket
from flatbook.simulation.parameters import CoinParameters, MarketParameters, TakerParameters
from flatbook.simulation.recorded_fair import RecordedFair
from flatbook.simulation.takers import TakerOrder, Takers
from flatbook.simulation.worth import Worth

__all__ = [
    "CoinParameters",
    "MarketParameters",
    "RecordedFair",
    "SimulatedMarket",
    "TakerOrder",
    "TakerParameters",
    "Takers",
    "Worth",
    "simulated_venues",
]
