"""How much of a limit is used, and the breaker."""

import pytest

from flatbook.limits import Breaker, Mode, Usage, breached, trip, usage
from flatbook.risk import Exposure

LONG = Exposure(delta_cash=7e5, gamma_cash=-2e4, vega_cash=1e4, doubt_delta_cash=1e5, doubt_gamma_cash=5e3, doubt_vega_cash=2e3)


def test_usage_is_size_from_target_and_doubt_on_top(make_limits):
    assert usage(make_limits(), "BTC", LONG, 5e5) == (
        Usage("BTC delta", 3e5, 1e6),
        Usage("BTC gamma", 2.5e4, 1e5),
        Usage("BTC vega", 1.2e4, 5e4),
    )


def test_an_underlying_without_limits_has_no_usage(make_limits):
    assert usage(make_limits(), "DOGE", LONG, 0.0) == ()


@pytest.mark.parametrize(
    ("used", "fraction", "beyond"), [(0.0, 0.0, False), (50.0, 0.5, False), (100.0, 1.0, False), (101.0, 1.01, True)]
)
def test_a_limit_is_breached_when_it_is_used_beyond_itself(used, fraction, beyond):
    entry = Usage("BTC delta", used, 100.0)
    assert entry.fraction == pytest.approx(fraction)
    assert breached((Usage("BTC gamma", 0.0, 1.0), entry)) is beyond


def test_nothing_used_of_no_limit_is_no_breach():
    assert Usage("x", 0.0, 0.0).fraction == 0.0
    assert Usage("x", 1.0, 0.0).fraction > 1.0


@pytest.mark.parametrize(
    ("was", "asked", "now"),
    [
        (Mode.RUNNING, Mode.REDUCE_ONLY, Mode.REDUCE_ONLY),
        (Mode.RUNNING, Mode.PAUSED, Mode.PAUSED),
        (Mode.REDUCE_ONLY, Mode.PAUSED, Mode.PAUSED),
        (Mode.REDUCE_ONLY, Mode.REDUCE_ONLY, Mode.REDUCE_ONLY),
        (Mode.PAUSED, Mode.REDUCE_ONLY, Mode.PAUSED),
        (Mode.PAUSED, Mode.RUNNING, Mode.PAUSED),
        (Mode.RUNNING, Mode.RUNNING, Mode.RUNNING),
    ],
)
def test_a_trip_only_ever_tightens(was, asked, now):
    breaker = Breaker(was, "before")
    changed = trip(breaker, asked, "after")
    assert breaker.mode is now
    assert changed is (was is not now)
    assert breaker.reason == ("after" if changed else "before")
