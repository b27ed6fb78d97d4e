"""The names of accounts."""

from flatbook.instruments import Contract

DEPOSITS = "equity/deposits"


def cash_account(venue: str) -> str:
    """The wallet at a venue."""
    return f"{venue}/cash"


def open_account(contract: Contract) -> str:
    """The other side of an open future or perpetual: what its position cost, not yet cash."""
    return f"{contract.venue}/open/{contract.symbol}"


def contracts_account(venue: str) -> str:
    """The positions at a venue; the assets in it are contract keys."""
    return f"{venue}/contracts"


def market_account(venue: str) -> str:
    """Everybody we traded with at a venue."""
    return f"market/{venue}"


def fees_account(venue: str) -> str:
    """What a venue kept for its service; negative where rebates outran fees."""
    return f"expense/fees/{venue}"


def funding_account(venue: str) -> str:
    """Whoever paid us funding at a venue, or was paid."""
    return f"funding/{venue}"


def is_house(account: str) -> bool:
    """Whether what stands in the account counts towards the house's worth: a wallet or an open future."""
    kind = account.split("/", 2)[1]
    return kind == "cash" or kind == "open"
