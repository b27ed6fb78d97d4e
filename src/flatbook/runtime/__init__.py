"""The shell around the engine: configuration, assembly, the four ways of running, recovery.

A desk is an engine, a journal and a world. Live, it follows the wall clock (or a multiple of it); in a backtest it
follows the recording as fast as it goes; in a replay there is no world and the journal's own batches are folded again.
The shell owns every clock, file, socket and process; the engine beneath sees batches and gives effects.
"""

from flatbook.runtime.backtest import run_backtest
from flatbook.runtime.config import DeskConfig, load_config
from flatbook.runtime.live import run_desk
from flatbook.runtime.replay import Replayed, replay_journal

__all__ = ["DeskConfig", "Replayed", "load_config", "replay_journal", "run_backtest", "run_desk"]
