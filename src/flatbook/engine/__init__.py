"""The fold: `step(state, batch) -> effects`.

State is a handful of small records and columns, written only inside a step. A step applies each event of the batch
(cheap writes that mark an underlying dirty), stabilises what is dirty once, decides quotes and hedges, passes the
wishes through the gate and returns what the world must be told. Nothing here does I/O or reads a clock; the same
state and the same batch give the same effects to the last bit. A snapshot is what screens and reports may see.
"""
