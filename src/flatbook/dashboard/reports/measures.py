"""What a written-down book is exposed to, by the desk's own measures: the same rows, marks, netting and factors."""

import msgspec
import numpy as np

from flatbook.basics import NS_PER_YEAR, Floats, filled, years_between
from flatbook.dashboard.reports.chain import ChainMarket
from flatbook.dashboard.reports.holdings import Holding, holdings
from flatbook.dashboard.reports.positions import HeldPosition
from flatbook.engine.snapshot import LadderCell, PositionView, Snapshot, UnderlyingView
from flatbook.instruments import Option, Spot
from flatbook.market import UnderlyingMarket
from flatbook.pricing import VALUE
from flatbook.risk import Exposure, FactorModel, Risk, covariance, expose, keep_marks, ladder, remark, scenario_grid
from flatbook.risk import ensure as ensure_risk

# What moves together, for ranking risks. A report has no desk's settings to read: these are said on the page.
FACTORS = FactorModel(
    risk_aversion=1.0,
    horizon_s=86_400.0,
    spot_vol_floor=0.2,
    vol_of_vol=0.9,
    spot_vol_correlation=-0.3,
    spot_correlation=0.8,
    vol_correlation=0.7,
)
SPOT_MOVES = (-0.30, -0.20, -0.15, -0.10, -0.05, -0.02, 0.0, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30)
VOL_MOVES = (-0.20, -0.10, -0.05, 0.0, 0.05, 0.10, 0.20, 0.40)
CURVE_MOVES = tuple(round(0.01 * step, 2) for step in range(-35, 36))
CURVE_VOLS = (-0.10, 0.0, 0.20)
_THIRTY_DAYS = 30.0 / 365.0


class RowRisk(msgspec.Struct, frozen=True):
    """One position's part in the book's risk. Loadings in dollars (spot: delta_cash; vol level: per 1.00 of vol).

    `contribution_usd` is its share of the one-day standard deviation: they sum to it, and one below zero offsets the rest.
    """

    key: str
    underlying: str
    delta_cash: float
    vega_level: float
    contribution_usd: float


class Grid(msgspec.Struct, frozen=True):
    """Full revaluation of one underlying in dollars: `values[spot move][vol move]`, `curve[vol][spot move]`."""

    underlying: str
    values: list[list[float]]
    curve: list[list[float]]


class BookView(msgspec.Struct, frozen=True):
    """A book measured on a market. `snapshot` holds exposures, ladder and positions in the screen's own terms.

    `risk_usd` is the standard deviation of a day's P&L under FACTORS; `risks` are the positions' parts in it, largest first.
    """

    source: str
    now_ns: int
    snapshot: Snapshot
    grids: list[Grid]
    risks: list[RowRisk]
    risk_usd: float


def measure_book(positions: list[HeldPosition], chain: ChainMarket) -> BookView:
    """Measure `positions` on the market of `chain`, as the desk would.

    A venue's contract nets with the same symbol of any other. Coin balances are given by the coin's name, quantity in
    coins. Perpetuals and futures without an entry price count as entered now. Raises InputFault, naming the line, for a
    symbol that the chain does not price.
    """
    held = holdings(positions, chain)
    risk = Risk()
    ensure_risk(risk, chain.universe)
    used = sorted({chain.universe.underlying_of[entry.row] for entry in held})
    quantities = {index: _quantities(index, held, chain) for index in used}
    coins = {index: sum(entry.coins for entry in held if chain.universe.underlying_of[entry.row] == index) for index in used}
    for index in used:
        market, block = chain.market.underlyings[index], chain.universe.blocks[index]
        market.trusted[: block.size] = True
        remark(risk.underlyings[index], market, block, chain.now_ns)
        keep_marks(risk.underlyings[index], market, block, chain.now_ns)
    alone = [_alone(entry, risk, chain) for entry in held]
    for index in used:
        market, block = chain.market.underlyings[index], chain.universe.blocks[index]
        expose(risk.underlyings[index], market, block, quantities[index], coins[index], 0.0)
    risks, risk_usd = _row_risks(held, alone, used, chain)
    return BookView(
        source=chain.source,
        now_ns=chain.now_ns,
        snapshot=_snapshot(held, alone, used, quantities, risk, chain),
        grids=[_grid(index, quantities[index], coins[index], risk, chain) for index in used],
        risks=risks,
        risk_usd=risk_usd,
    )


def _quantities(index: int, held: list[Holding], chain: ChainMarket) -> Floats:
    """Net quantity by slot; coin balances are counted as coins and stand in no slot."""
    quantity = filled(chain.universe.blocks[index].capacity, 0.0)
    for entry in held:
        if chain.universe.underlying_of[entry.row] == index and not isinstance(entry.contract, Spot):
            quantity[chain.universe.slot_of[entry.row]] += entry.position.quantity
    return quantity


def _alone(entry: Holding, risk: Risk, chain: ChainMarket) -> Exposure:
    """What the book would be exposed to with this position and no other: exposures are linear, so these sum to the book's."""
    index, slot = chain.universe.underlying_of[entry.row], chain.universe.slot_of[entry.row]
    market, block, row = chain.market.underlyings[index], chain.universe.blocks[index], risk.underlyings[index]
    quantity = filled(block.capacity, 0.0)
    if not isinstance(entry.contract, Spot):
        quantity[slot] = entry.position.quantity
    expose(row, market, block, quantity, entry.coins, 0.0)
    return msgspec.structs.replace(row.exposure)


def _row_risks(held: list[Holding], alone: list[Exposure], used: list[int], chain: ChainMarket) -> tuple[list[RowRisk], float]:
    """Euler's split of the standard deviation sqrt(x' S x): each position's loadings times its gradient."""
    loadings = np.zeros((len(held), 2 * len(used)))
    for line, (entry, exposure) in enumerate(zip(held, alone, strict=True)):
        place = used.index(chain.universe.underlying_of[entry.row])
        loadings[line, place], loadings[line, len(used) + place] = exposure.delta_cash, exposure.vega_level
    vols = np.array([at_the_money_vol(chain, index) for index in used])
    total = loadings.sum(axis=0)
    marginal = covariance(FACTORS, vols) * FACTORS.horizon_years @ total
    risk_usd = float(np.sqrt(max(float(total @ marginal), 0.0)))
    parts = loadings @ marginal / risk_usd if risk_usd > 0.0 else np.zeros(len(held))
    split = [
        RowRisk(entry.position.key, entry.contract.underlying, exposure.delta_cash, exposure.vega_level, float(part))
        for entry, exposure, part in zip(held, alone, parts, strict=True)
    ]
    return sorted(split, key=lambda row: -abs(row.contribution_usd)), risk_usd


def _snapshot(
    held: list[Holding], alone: list[Exposure], used: list[int], quantities: dict[int, Floats], risk: Risk, chain: ChainMarket
) -> Snapshot:
    """The measures as a snapshot, so that the screen's tables show them."""
    universe, market = chain.universe, chain.market
    cells = [cell for i in used for cell in ladder(universe.blocks[i], market.underlyings[i], risk.underlyings[i], quantities[i])]
    positions = [_position_view(entry, exposure, risk, chain) for entry, exposure in zip(held, alone, strict=True)]
    return Snapshot(
        sequence=0,
        now_ns=chain.now_ns,
        mode="report",
        mode_reason="",
        equity_usd=sum(view.value_usd for view in positions),
        pnl_usd=0.0,
        pnl_terms={},
        underlyings=[_underlying_view(index, risk, chain) for index in used],
        ladder=[LadderCell(*(getattr(cell, name) for name in LadderCell.__struct_fields__)) for cell in cells],
        positions=sorted(positions, key=lambda view: (view.underlying, view.kind, view.key)),
        balances=[],
        quotes=[],
        hedges=[],
        fills=[],
        limits=[],
        alerts=[],
        events_applied=0,
        fills_booked=0,
        orders_working=0,
    )


def _underlying_view(index: int, risk: Risk, chain: ChainMarket) -> UnderlyingView:
    exposure, block = risk.underlyings[index].exposure, chain.universe.blocks[index]
    return UnderlyingView(
        name=block.underlying,
        spot=chain.market.underlyings[index].spot,
        delta=exposure.delta,
        target=0.0,
        delta_cash=exposure.delta_cash,
        gamma_cash=exposure.gamma_cash,
        vega_cash=exposure.vega_cash,
        theta_cash=exposure.theta_cash,
        uncertainty_cash=0.0,
        band_low=0.0,
        band_high=0.0,
        at_the_money_vol=at_the_money_vol(chain, index),
        trusted_rows=block.size,
        untrusted_rows=0,
    )


def _position_view(entry: Holding, exposure: Exposure, risk: Risk, chain: ChainMarket) -> PositionView:
    index, slot = chain.universe.underlying_of[entry.row], chain.universe.slot_of[entry.row]
    market, row = chain.market.underlyings[index], risk.underlyings[index]
    mark = float(row.greeks[VALUE, slot]) if isinstance(entry.contract, Option) else float(market.forward[slot])
    told_ns = int(market.told_ns[slot]) or market.index_ns
    return PositionView(
        entry.position.key,
        entry.contract.underlying,
        type(entry.contract).__name__.lower(),
        entry.position.quantity,
        mark,
        _value_usd(entry, mark, market, slot),
        exposure.delta_cash,
        exposure.gamma_cash,
        exposure.vega_cash,
        exposure.theta_cash,
        trusted=True,
        age_s=(chain.now_ns - told_ns) / 1e9,
    )


def _value_usd(entry: Holding, mark: float, market: UnderlyingMarket, slot: int) -> float:
    """Dollars: an option's premium, a coin's price, a future's gain since its entry (nothing where that is not told)."""
    quantity, unit, entered = entry.position.quantity, float(market.unit_price[slot]), entry.position.price
    if isinstance(entry.contract, Spot):
        return quantity * market.spot
    if isinstance(entry.contract, Option):
        return quantity * mark * unit
    if entered is None:
        return 0.0
    return quantity * (1.0 / entered - 1.0 / mark) * unit if entry.contract.inverse else quantity * (mark - entered) * unit


def at_the_money_vol(chain: ChainMarket, index: int) -> float:
    """The vol of the strike nearest to the forward, of the expiry nearest to thirty days; FACTORS' floor without options."""
    block, market = chain.universe.blocks[index], chain.market.underlyings[index]
    options = np.nonzero((block.sign[: block.size] != 0.0) & block.live[: block.size])[0]
    if options.shape[0] == 0:
        return FACTORS.spot_vol_floor
    years = np.array([years_between(chain.now_ns, expiry) for expiry in block.expiries])[block.tenor[options]]
    nearest = np.abs(years - _THIRTY_DAYS).min()
    expiry = options[np.abs(years - _THIRTY_DAYS) <= nearest + 1.0 / NS_PER_YEAR]
    distance = np.abs(np.log(block.strike[expiry] / market.forward[expiry]))
    return float(market.vol[expiry[int(np.argmin(distance))]])


def _grid(index: int, quantity: Floats, coins: float, risk: Risk, chain: ChainMarket) -> Grid:
    block, market, row = chain.universe.blocks[index], chain.market.underlyings[index], risk.underlyings[index]

    def revalued(spots: tuple[float, ...], vols: tuple[float, ...]) -> Floats:
        return scenario_grid(block, market, row, quantity, coins, np.array(spots), np.array(vols))

    curve = revalued(CURVE_MOVES, CURVE_VOLS)
    return Grid(block.underlying, revalued(SPOT_MOVES, VOL_MOVES).tolist(), curve.T.tolist())
