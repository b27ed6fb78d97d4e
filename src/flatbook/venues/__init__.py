"""Where events come from and requests go: one port, whatever is behind it.

A world hands over the events that have reached the desk by an instant and takes requests at an instant. The
simulated market, a recording and a live venue are worlds alike; the desk cannot tell them apart. All latency, matching
and queueing is the world's business.
"""

from flatbook.venues.paper import LatencyParameters, MatchingParameters, PaperAccounts, PaperWorld, folded_accounts
from flatbook.venues.port import Feed, World

__all__ = ["Feed", "LatencyParameters", "MatchingParameters", "PaperAccounts", "PaperWorld", "World", "folded_accounts"]
