"""What we asked of the venues and where each order stands.

A request is what the shell must send: place, amend or cancel. An order is one we placed, followed through a
lifecycle written as a table of states and events. Requests in flight count as if they had succeeded wherever
that is the worse assumption. Prices are in the contract's price unit, quantities unsigned in its quantity unit.
"""

from flatbook.orders.requests import Amend, Cancel, Place, Purpose, Request

__all__ = ["Amend", "Cancel", "Place", "Purpose", "Request"]
