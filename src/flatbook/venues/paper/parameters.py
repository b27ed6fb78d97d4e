"""How slow the wire is and how the matcher reads a market that it cannot trade in."""

import msgspec

from flatbook.basics import NS_PER_MINUTE, NS_PER_SECOND


class LatencyParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Delays in ns: desk to venue, venue to desk for account facts, venue to desk for market facts.

    A feed's instants are when the venue's matcher sees an event; the desk sees it `market_ns` later. A recording
    stamped on arrival already carries that delay: leave `market_ns` at 0 there and let `request_ns` be the way out.
    Jitter is the mean of an exponential draw added to each message; messages of one path never overtake each other.
    """

    request_ns: int
    response_ns: int
    market_ns: int = 0
    jitter_ns: int = 0
    market_jitter_ns: int = 0


class MatchingParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The matcher's assumptions about a market that does not see us.

    refill_ns: displayed size we took stays taken until it is displayed anew, or for this long.
    ticker_valid_ns: an option's ticker older than this no longer says where the market is. Nothing can be taken from
    it, nothing crosses it, and the first ticker after such a silence is a re-opening, which fills no resting order.
    statement_ns: how often the venue states the balances and positions that moved.
    """

    refill_ns: int = NS_PER_SECOND
    ticker_valid_ns: int = 10 * NS_PER_SECOND
    statement_ns: int = NS_PER_MINUTE
