"""The examples that people copy first are true."""

from pathlib import Path

import pytest

from flatbook.dashboard.reports import read_positions
from flatbook.runtime import load_config

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SETTINGS = sorted(EXAMPLES.glob("*.toml"))


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.name)
def test_a_settings_example_is_understood_whole(path):
    config = load_config(path)
    # What was deposited in a coin is what hedging means to hold of it: else the first thing the desk does is trade it away.
    for coin, target in config.hedging.target_coins.items():
        assert sum(deposit.amount for deposit in config.deposits if deposit.asset == coin) == pytest.approx(target)


def test_the_careful_desk_is_more_careful_than_the_built_in_one():
    careful, built_in = load_config(EXAMPLES / "cautious.toml"), load_config(None)
    assert careful.factors.risk_aversion > built_in.factors.risk_aversion
    assert careful.limits.largest_loss < built_in.limits.largest_loss
    assert {venue.name for venue in careful.venues} == {venue.name for venue in built_in.venues}
    assert careful.limits.widening > built_in.limits.widening


def test_the_example_book_is_read_with_its_notes():
    book = read_positions(EXAMPLES / "positions.csv")
    assert len(book) == 11
    assert {position.venue for position in book} == {"deribit", "beta"}
    assert any(position.price is None for position in book)
