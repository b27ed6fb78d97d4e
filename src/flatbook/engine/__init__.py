"""The fold: `step(state, batch) -> effects`.

State is a handful of small records and columns, written only inside a step. A step applies each event of the batch
(cheap writes that mark an underlying dirty), stabilises what is dirty once, decides quotes and hedges, passes the
wishes through the gate and returns what the world must be told. Nothing here does I/O or reads a clock; the same
state and the same batch give the same effects to the last bit. A snapshot is what screens and reports may see.
"""

from flatbook.engine.effects import Alert, Effect
from flatbook.engine.parameters import Parameters, decode_parameters, encode_parameters
from flatbook.engine.snapshot import Snapshot
from flatbook.engine.state import State, new_state
from flatbook.engine.step import step
from flatbook.engine.validate import checks, equity_usd, tie_out, validate
from flatbook.engine.view import fill_view, hedge_view, snapshot

__all__ = [
    "Alert",
    "Effect",
    "Parameters",
    "Snapshot",
    "State",
    "checks",
    "decode_parameters",
    "encode_parameters",
    "equity_usd",
    "fill_view",
    "hedge_view",
    "new_state",
    "snapshot",
    "step",
    "tie_out",
    "validate",
]
