"""A recording, as fast as it goes."""

import time
from collections.abc import Callable
from pathlib import Path

import flatbook
from flatbook import ledger
from flatbook.basics import NS_PER_MS, NS_PER_SECOND
from flatbook.dashboard.reports import RunRecord
from flatbook.engine import State, encode_parameters, new_state
from flatbook.events import BalanceStatement, Beat, Configured, Event
from flatbook.instruments import contract_key
from flatbook.inventory import position
from flatbook.journal import Journal, new_header
from flatbook.runtime.config import BACKTEST_TOML, CHAIN_TOML, DeskConfig, builtin_text, load_config
from flatbook.runtime.desk import Desk
from flatbook.runtime.recorder import Recorder
from flatbook.runtime.worlds import market_name, open_recording, recorded_world, speaks_rarely
from flatbook.venues.paper import PaperAccounts

_TOLD_EVERY = 400

Advance = Callable[[float, str], None]


def run_backtest(
    recording: Path | str,
    *,
    config: Path | None = None,
    seed: int | None = None,
    journal: Path | None = None,
    start_ns: int | None = None,
    end_ns: int | None = None,
    advance: Advance = lambda fraction, words: None,
) -> RunRecord:
    """Run the desk over a recording (or several, joined by `+`) and return what its report needs.

    Without `config` the built-in settings are used: `chain.toml` for a recording that speaks less often than every ten
    minutes, `backtest.toml` for any other. `journal` is where every batch is kept for `flatbook replay`.
    """
    spec = str(recording)
    feed = open_recording(spec, start_ns=start_ns, end_ns=end_ns, saved=None)
    builtin = CHAIN_TOML if speaks_rarely(feed) else BACKTEST_TOML
    settings = load_config(config, builtin)
    dice = settings.shell.seed if seed is None else seed
    name = market_name(spec)
    recorder = Recorder(settings.shell.sample_s)
    world = recorded_world(feed, settings, dice, None)
    # Last, so that settings which do not fit the recording leave no journal behind.
    kept = Journal.create(journal, new_header(created_ns=time.time_ns(), seed=dice, market=name)) if journal else None
    desk = Desk(new_state(settings.parameters()), world, kept, durable=False, watchers=[recorder.watch])
    began = time.perf_counter()
    try:
        play(desk, settings, feed.start_ns, feed.end_ns, advance)
    finally:
        world.close()
        if kept is not None:
            kept.close()
    return recorder.record(
        desk.state,
        title=f"Backtest of {name}",
        market=name,
        seed=dice,
        version=flatbook.__version__,
        parameters=config.read_text(encoding="utf-8-sig") if config else builtin_text(builtin),
        requests=desk.requests_sent,
        wall_s=time.perf_counter() - began,
        differences=account_differences(desk.state, world.accounts),
    )


def play(desk: Desk, settings: DeskConfig, start_ns: int, end_ns: int, advance: Advance) -> None:
    """Turn the desk until its world has nothing more to say.

    An idle desk takes an event as it arrives; a busy one takes what has gathered since its last batch. Silence is cut by beats.
    """
    batch_ns, beat_ns = round(settings.shell.batch_ms * NS_PER_MS), round(settings.shell.beat_s * NS_PER_SECOND)
    now_ns, span_ns = start_ns, max(1, end_ns - start_ns)
    pending: list[Event] = [Configured(encode_parameters(settings.parameters()))]
    turns = 0
    while (due_ns := desk.world.next_ns()) is not None:
        if due_ns > now_ns + beat_ns:
            now_ns += beat_ns
            pending.append(Beat())
        else:
            now_ns = max(now_ns + batch_ns, due_ns)
        events = pending + desk.world.advance(now_ns)
        if events:
            desk.turn(events, now_ns)
            pending = []
        turns += 1
        if turns % _TOLD_EVERY == 0:
            advance(
                min(1.0, (now_ns - start_ns) / span_ns),
                f"{desk.state.events_applied:,} events, {desk.state.pnl.fill_count:,} fills",
            )
    advance(1.0, "")


def account_differences(state: State, accounts: PaperAccounts) -> list[str]:
    """Where the venues' own accounts and the desk's books differ at the end, as sentences."""
    found: list[str] = []
    for venue, wallet in accounts.cash.items():
        for asset, amount in wallet.items():
            if ledger.statement_difference(state.ledger, BalanceStatement(venue, asset, amount)):
                found.append(f"{venue} keeps {amount} {asset}, the ledger {ledger.cash(state.ledger, venue, asset)}")
    for row, held in accounts.positions.items():
        if held.quantity != position(state.inventory, row):
            key = contract_key(state.universe.contracts[row])
            found.append(f"{key}: the venue keeps {held.quantity}, the inventory {position(state.inventory, row)}")
    return found
