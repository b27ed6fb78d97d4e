"""Where the time of a step goes: the engine's own functions, wrapped by name and timed without what they call in turn."""

import importlib
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from flatbook.engine import Effect, State, step
from flatbook.engine.apply import APPLY
from flatbook.events import Batch, Top

# Label, module, function; the order is a step's own.
STAGES: tuple[tuple[str, str, str], ...] = (
    ("forwards, vols, unit prices", "flatbook.market", "move_forwards"),
    ("trust", "flatbook.market", "refresh_trust"),
    ("price every row", "flatbook.engine.stabilise", "remark"),
    ("explain the P&L", "flatbook.engine.stabilise", "_explain"),
    ("keep the marks", "flatbook.engine.stabilise", "keep_marks"),
    ("net the exposure", "flatbook.engine.stabilise", "expose"),
    ("rest of stabilise", "flatbook.engine.step", "stabilise"),
    ("price of holding the book", "flatbook.engine.decide", "cost_of_holding"),
    ("hedge: band, route, wish", "flatbook.engine.decide", "hedge_wishes"),
    ("quote targets", "flatbook.quoting", "set_targets"),
    ("differences to working quotes", "flatbook.quoting", "wanted_changes"),
    ("make the requests", "flatbook.engine.quote", "_quote_request"),
    ("rest of decide", "flatbook.engine.step", "decide"),
    ("gate, and remember in flight", "flatbook.engine.step", "approve"),
)
_APPLY = "apply the event"
_REST = "rest of the step"


class Stages:
    """A context in which `fold` is `step` with its parts timed. A part that no longer exists is named, not passed over."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys([_APPLY, *(label for label, _, _ in STAGES), _REST], 0.0)
        self.gone: list[str] = []
        self.steps = 0
        self._on = False
        self._within = 0.0
        self._restore: list[tuple[ModuleType, str, Any]] = []
        self._fold = self._timed(_REST, step)

    def __enter__(self) -> "Stages":
        for label, path, name in STAGES:
            module = importlib.import_module(path)
            inner = getattr(module, name, None)
            if inner is None:
                self.gone.append(f"{path}.{name}")
                continue
            self._restore.append((module, name, inner))
            setattr(module, name, self._timed(label, inner))
        self._top = APPLY[Top]
        APPLY[Top] = self._timed(_APPLY, self._top)
        return self

    def __exit__(self, *error: object) -> None:
        APPLY[Top] = self._top
        for module, name, inner in self._restore:
            setattr(module, name, inner)

    def fold(self, state: State, batch: Batch) -> tuple[Effect, ...]:
        self._on, self._within = True, 0.0
        self.steps += 1
        try:
            return self._fold(state, batch)
        finally:
            self._on = False

    def print(self, name: str) -> None:
        whole = sum(self.seconds.values()) / self.steps
        print(f"\nwhere it goes, {name}{'':<{32 - len(name)}}us a step    share   (means; timing itself costs a little)")
        for label, seconds in self.seconds.items():
            mean = seconds / self.steps
            print(f"  {label:<44}{1e6 * mean:>10.1f}{mean / whole:>9.0%}")
        print(f"  {'all of it':<44}{1e6 * whole:>10.1f}")
        for function in self.gone:
            print(f"  there is no {function} any more: its time is in what calls it; mend benchmarks/stages.py")

    def _timed(self, label: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work`, whose time less that of the timed functions beneath it is added to `label`."""

        def timed(*arguments: Any, **named: Any) -> Any:
            if not self._on:
                return work(*arguments, **named)
            outside, self._within = self._within, 0.0
            start = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                spent = time.perf_counter() - start
                self.seconds[label] += spent - self._within
                self._within = outside + spent

        return timed
