"""Putting a world together: a feed, paper venues over it, and the takers who come to trade."""

from copy import deepcopy
from decimal import Decimal
from pathlib import Path

from flatbook.basics import NS_PER_MS, NS_PER_SECOND, InputFault
from flatbook.events import Listed
from flatbook.instruments import Contract
from flatbook.runtime.config import BACKTEST_TOML, CHAIN_TOML, DESK_TOML, DeskConfig
from flatbook.runtime.recovery import Saved
from flatbook.simulation import RecordedFair, SimulatedMarket, TakerParameters, Takers
from flatbook.simulation.takers import Fair
from flatbook.venues.paper import LatencyParameters, PaperWorld
from flatbook.venues.recordings import MergedFeed, RecordingFeed, open_feed

SIMULATED = "simulated"
_SLOW_NS = 600 * NS_PER_SECOND


def simulated_world(config: DeskConfig, seed: int, start_ns: int, saved: Saved | None) -> PaperWorld:
    """A seeded market that begins at `start_ns`; after recovery, at the prices and with the contracts the desk knows."""
    known = saved.state.universe.contracts if saved else []
    spots = _last_spots(saved) if saved else {}
    # Another stream of dice after each recovery: the same ones would replay the first minutes of the old market.
    dice = seed + (saved.state.sequence << 8 if saved else 0)
    market = SimulatedMarket(dice, start_ns, known=known, spots=spots)
    takers = _takers(dice, market.fair, start_ns, known) if config.shell.takers else None
    return _paper(market, config, dice, takers, known, saved)


def open_recording(spec: str, *, start_ns: int | None, end_ns: int | None, saved: Saved | None) -> RecordingFeed | MergedFeed:
    """The feed of a recording, or of several joined by `+`; after recovery, what comes after the desk's last batch."""
    known = saved.state.universe.contracts if saved else ()
    resume_ns = saved.state.now_ns if saved else None
    return open_feed(spec, start_ns=start_ns, end_ns=end_ns, known=known, resume_ns=resume_ns)


def recorded_world(feed: RecordingFeed | MergedFeed, config: DeskConfig, seed: int, saved: Saved | None) -> PaperWorld:
    """Paper trading in a recorded market."""
    known = saved.state.universe.contracts if saved else []
    _check_venues(feed.contracts, config)
    takers = _takers(seed, RecordedFair(), feed.start_ns, known) if config.shell.takers else None
    return _paper(feed, config, seed, takers, known, saved)


def builtin_for(market: str) -> str:
    """The name of the built-in settings for a market spec: the simulated one's, a tape's, or a series of chain snapshots'."""
    if market == SIMULATED:
        return DESK_TOML
    feed = open_recording(market, start_ns=None, end_ns=None, saved=None)
    try:
        return CHAIN_TOML if speaks_rarely(feed) else BACKTEST_TOML
    finally:
        feed.close()


def speaks_rarely(feed: RecordingFeed | MergedFeed) -> bool:
    """Whether a recording is a series of snapshots, more than ten minutes apart, with no tape between."""
    contracts = max(1, len(feed.contracts))
    return (feed.end_ns - feed.start_ns) * contracts > _SLOW_NS * max(1, feed.event_count)


def market_name(spec: str) -> str:
    """A short name for a market spec, fit for a file name."""
    return "+".join(Path(piece).name for piece in spec.split("+")) if spec != SIMULATED else SIMULATED


def _last_spots(saved: Saved) -> dict[str, float]:
    """The prices that the desk saw last, where it saw any."""
    market = saved.state.market.underlyings
    spots = {name: market[index].spot for name, index in saved.state.universe.underlyings.items()}
    return {name: spot for name, spot in spots.items() if spot > 0.0}


def _takers(seed: int, fair: Fair, start_ns: int, known: list[Contract]) -> Takers:
    """Takers who know what was listed before they came."""
    takers = Takers(seed, TakerParameters(), fair, start_ns=start_ns)
    for row, contract in enumerate(known):
        takers.observe(Listed(row, contract), start_ns)
    return takers


def _paper(
    feed: SimulatedMarket | RecordingFeed | MergedFeed,
    config: DeskConfig,
    seed: int,
    takers: Takers | None,
    known: list[Contract],
    saved: Saved | None,
) -> PaperWorld:
    shell = config.shell
    return PaperWorld(
        feed,
        config.venues,
        latency=LatencyParameters(
            request_ns=round(shell.request_ms * NS_PER_MS), response_ns=round(shell.response_ms * NS_PER_MS)
        ),
        takers=takers,
        deposits=_capital(config, feed.contracts if not isinstance(feed, SimulatedMarket) else None),
        # The venues keep books of their own. A desk killed before its capital had reached it has yet to receive it.
        accounts=deepcopy(saved.accounts) if saved and saved.accounts.cash else None,
        known=known,
        lost_orders=sorted(saved.state.orders.open) if saved else (),
        seed=seed,
    )


def _capital(config: DeskConfig, contracts: list[Contract] | None) -> list[tuple[str, str, Decimal]]:
    """The deposits in assets that the market trades in; a coin that nothing prices would be worth nothing anyone could say."""
    traded = {name for contract in contracts or [] for name in (contract.underlying, contract.quote, contract.settlement)}
    return [
        (deposit.venue, deposit.asset, deposit.amount)
        for deposit in config.deposits
        if contracts is None or deposit.asset in traded
    ]


def _check_venues(contracts: list[Contract], config: DeskConfig) -> None:
    """Fees must be known wherever we might trade."""
    known = {venue.name for venue in config.venues}
    missing = sorted({contract.venue for contract in contracts} - known)
    if missing:
        wrong = f"trades on {missing[0]!r}, which the settings do not name"
        raise InputFault(wrong, where="the recording", remedy=f"add a [[venues]] entry for {missing[0]} with its fees")
