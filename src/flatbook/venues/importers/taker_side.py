"""Who took, when the tape does not say: Lee and Ready's rule (Journal of Finance 46, 1991), quote first, then tick."""

import polars as pl

_STALE_NS = 5_000_000_000
_AT_MID = 0.004  # dollars; less than half the cent in which trades print


def derived_sides(trades: pl.DataFrame, mids: pl.DataFrame) -> pl.Series:
    """+1 or -1 for each of the trades (`timestamp`, `price`), which keep their order.

    A price above the middle of the last book strictly before the trade was bought, one below it sold. At the middle, or
    without a book of the last five seconds, it has the sign of the last change of price; the first of all counts as bought.
    """
    placed = trades.select("timestamp", "price").with_row_index("place").sort("timestamp", maintain_order=True)
    seen = mids.with_columns(told=pl.col("timestamp"))
    joined = placed.join_asof(seen, on="timestamp", strategy="backward", allow_exact_matches=False)
    age_ns = (pl.col("timestamp") - pl.col("told")).dt.total_nanoseconds()
    distance = pl.when(age_ns <= _STALE_NS).then(pl.col("price") - pl.col("mid"))
    by_quote = pl.when(distance.abs() > _AT_MID).then(distance.sign())
    change = pl.col("price").diff().sign()
    by_tick = pl.when(change != 0.0).then(change).forward_fill()
    signed = joined.select("place", sign=pl.coalesce(by_quote, by_tick, pl.lit(1.0)).cast(pl.Int8))
    return signed.sort("place")["sign"]
