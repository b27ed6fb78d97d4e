"""The market and risk rooms on a real Deribit chain: our forwards, deltas and vegas against the exchange's own.

The chain is imported into a recording, played into an empty world, and marked. What may differ, and by how much:

- The exchange rounds its mark vol to a hundredth of a point and its delta and vega to five places.
- One strike has one vol here, that of its side out of the money; the exchange's two sides differ by its rounding at most.
- In an expiry's last day our vols are of the life that an option on the settlement average has, the exchange's of the calendar's.
- Forwards and marks were read at once, an expiry's rows a few basis points apart; ours is the last told. Deltas, vegas and the
  index were read one instrument after the other, for minutes, while the market moved: by as much as the snapshot's own indices
  differ. So a delta may be as many basis points of forward old as the index moved meanwhile, and the tolerance is written in
  basis points of forward: near expiry one of them is a good part of a delta.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from flatbook.events import Delisted, Listed
from flatbook.pricing import DELTA, GAMMA, VALUE, VANNA, VEGA
from flatbook.venues.importers import IMPORTERS, Selection, Task, detect_kind
from flatbook.venues.recordings import RecordingWriter, open_feed

pytestmark = pytest.mark.real

CHAINS = Path(__file__).resolve().parents[2] / "../shared/data/deribit_chain/csv"
AFTER = "deribit_options_snapshot_20260208T092330Z.csv.gz"
DURING = "deribit_options_snapshot_20260206T213057Z.csv.gz"
HALF_VOL_TICK, HALF_DELTA_TICK, BASIS_POINT = 0.5e-4, 0.5e-5, 1e-4
FORWARDS_APART = 8.0  # basis points between any two rows of an expiry, at most
READ_APART = 5.0  # basis points that vols and forwards may move between two readings beside the index


def played(source: Path, folder: Path, world):
    """An empty world as the recording of a chain leaves it, settled when its last event arrived."""
    target = folder / "recording"
    importer = IMPORTERS[detect_kind(source)]
    with RecordingWriter(target, name="chain", source="Deribit") as writer:
        writer.extend(importer.read(Task(source, Selection(), lambda done, text: None, [])))
    feed = open_feed(str(target))
    instants, events = feed.take(2**62)
    feed.close()
    for ns, event in zip(instants, events, strict=True):
        world.ns = ns
        if isinstance(event, Listed):
            world.announce(event.contract)
        elif not isinstance(event, Delisted):
            world.tell(event)
    world.settle()
    return world


@pytest.fixture(scope="module", params=[AFTER, DURING], ids=["after the crash", "in the crash"])
def chain(request, tmp_path_factory, make_world) -> dict[str, np.ndarray]:
    """By row of the chain: what the exchange says and what we say, for every option that is still alive."""
    if not CHAINS.exists():
        pytest.skip("../shared/data/deribit_chain is not on this machine")
    source = CHAINS / request.param
    world = played(source, tmp_path_factory.mktemp("chain"), type(make_world())())
    index = pl.col("index_price")
    said = pl.read_csv(source).with_columns(moved=((index.max() / index.min() - 1.0) / BASIS_POINT).over("currency"))
    ours: dict[str, list[float]] = {name: [] for name in ("forward", "delta", "vega", "gamma", "vanna", "vol", "trusted", "spot")}
    for symbol in said["instrument_name"]:
        row = next_row(world, symbol)
        index, slot = world.universe.underlying_of[row], world.universe.slot_of[row]
        market, greeks = world.market.underlyings[index], world.risk.underlyings[index].greeks[:, slot]
        forward = market.forward[slot]
        ours["forward"].append(forward)
        # Back from coin to the exchange's own: N(d1) is the net delta and its premium, the rest is per coin.
        ours["delta"].append(greeks[DELTA] * forward + greeks[VALUE])
        ours["vega"].append(greeks[VEGA] * forward / 100)
        ours["gamma"].append(greeks[GAMMA] * forward + 2.0 * greeks[DELTA])
        ours["vanna"].append(greeks[VANNA] * forward + greeks[VEGA])
        tenor = world.universe.blocks[index].tenor[slot]
        counted = market.averages.years[tenor] / market.averages.life[tenor]
        ours["vol"].append(market.vol[slot] * np.sqrt(counted))
        ours["trusted"].append(market.trusted[slot])
        ours["spot"].append(market.spot)
    told = {
        name: said[name].cast(pl.Float64).to_numpy()
        for name in ("underlying", "delta", "vega", "implied_volatility", "index_price", "moved")
    }
    return {f"our_{name}": np.array(column) for name, column in ours.items()} | told


def next_row(world, symbol: str) -> int:
    row = world.universe.row("deribit", symbol)
    assert row is not None, f"{symbol} was not listed"
    return row


def test_the_whole_chain_is_there_and_trusted(chain):
    assert chain["delta"].size > 900
    assert chain["our_trusted"].mean() > 0.99  # a row whose own bid is above its ask is not


def test_our_forwards_are_the_exchanges(chain):
    apart = np.abs(chain["our_forward"] / chain["underlying"] - 1.0) / BASIS_POINT
    assert np.median(apart) < 1.0
    assert apart.max() < FORWARDS_APART


def test_our_spot_is_the_exchanges_index_as_it_was_while_the_chain_was_read(chain):
    apart = np.abs(chain["our_spot"] / chain["index_price"] - 1.0) / BASIS_POINT
    assert np.all(apart <= chain["moved"])
    assert chain["moved"].max() < 30.0


def test_our_vols_are_the_exchanges_at_every_strike(chain):
    assert np.abs(chain["our_vol"] - chain["implied_volatility"]).max() <= 2 * HALF_VOL_TICK + 1e-12


def test_our_deltas_are_the_exchanges_before_the_premium_is_taken_off(chain):
    rounding = HALF_DELTA_TICK + np.abs(chain["our_vanna"]) * 2 * HALF_VOL_TICK
    beyond = np.maximum(np.abs(chain["our_delta"] - chain["delta"]) - rounding, 0.0)
    forward_off = beyond / (chain["our_gamma"] * chain["our_forward"] * BASIS_POINT + 1e-9)
    assert np.mean(forward_off <= chain["moved"] + READ_APART) > 0.99
    assert np.all(forward_off <= 2.0 * chain["moved"] + READ_APART)
    assert np.abs(chain["our_delta"] - chain["delta"]).max() < 0.02


def test_our_vegas_are_the_exchanges_per_vol_point(chain):
    off = np.abs(chain["our_vega"] - chain["vega"])
    apart = (2.0 * chain["moved"] + READ_APART) * BASIS_POINT
    # Vega is as large as its forward, and bends with it: by vanna near the money, by its own wings far out.
    slack = 0.001 + chain["our_vega"] * apart + np.abs(chain["our_vanna"]) / 100 * chain["our_forward"] * apart
    assert np.mean(off <= slack) > 0.98
    assert np.median(off / (chain["vega"] + 0.01)) < 0.005
    assert np.mean(off <= 0.01 + 0.05 * chain["vega"]) > 0.98
