"""Limits only ever tighten: with less room, with more doubt and in reduce-only, less passes."""

from hypothesis import given
from hypothesis import strategies as st

from flatbook.limits import Breaker, Impact, Limits, Mode, UnderlyingLimits, open_gate, refusal, usage
from flatbook.risk import Exposure

DOLLARS = st.floats(-1e7, 1e7)
STANDS = st.tuples(DOLLARS, DOLLARS, DOLLARS)
BOUNDS = st.tuples(*[st.floats(1.0, 1e7)] * 3)
DOUBTS = st.tuples(*[st.floats(0.0, 1e6)] * 3)
SHARES = st.tuples(*[st.floats(0.01, 1.0)] * 4)
WISHES = st.builds(Impact, st.just("BTC"), DOLLARS, DOLLARS, DOLLARS, st.floats(0.0, 1e7), st.booleans())


def limits(bounds, notional: float = 1e7, working: int = 100) -> Limits:
    return Limits({"BTC": UnderlyingLimits(*bounds)}, notional, 1e5, working, 0.25)


def verdict(bounds, stands, doubts, wish, mode=Mode.RUNNING, notional=1e7) -> str | None:
    exposure = Exposure(
        delta_cash=stands[0], gamma_cash=stands[1], vega_cash=stands[2],
        doubt_delta_cash=doubts[0], doubt_gamma_cash=doubts[1], doubt_vega_cash=doubts[2],
    )  # fmt: skip
    return refusal(open_gate(limits(bounds, notional), Breaker(mode, "test"), {"BTC": (exposure, 0.0)}, 0), wish)


@given(BOUNDS, SHARES, STANDS, DOUBTS, WISHES)
def test_a_tighter_limit_never_approves_more(bounds, shares, stands, doubts, wish):
    tighter = [bound * share for bound, share in zip(bounds, shares, strict=False)]
    if verdict(tighter, stands, doubts, wish, notional=1e7 * shares[3]) is None:
        assert verdict(bounds, stands, doubts, wish) is None


@given(BOUNDS, st.floats(0.01, 1.0), STANDS, DOUBTS, WISHES)
def test_nor_does_it_in_reduce_only_when_all_are_tightened_alike(bounds, share, stands, doubts, wish):
    # Usage is counted in parts of each limit, so tightening one alone changes what counts as the larger evil.
    tighter = [bound * share for bound in bounds]
    if verdict(tighter, stands, doubts, wish, Mode.REDUCE_ONLY) is None:
        assert verdict(bounds, stands, doubts, wish, Mode.REDUCE_ONLY) is None or share > 1.0 - 1e-9


@given(BOUNDS, STANDS, DOUBTS, DOUBTS, WISHES)
def test_more_doubt_never_approves_more(bounds, stands, doubts, more, wish):
    unsure = [doubt + extra for doubt, extra in zip(doubts, more, strict=True)]
    if verdict(bounds, stands, unsure, wish) is None:
        assert verdict(bounds, stands, doubts, wish) is None


@given(BOUNDS, STANDS, DOUBTS, WISHES)
def test_reduce_only_approves_nothing_that_running_would_refuse(bounds, stands, doubts, wish):
    if verdict(bounds, stands, doubts, wish, Mode.REDUCE_ONLY) is None:
        assert verdict(bounds, stands, doubts, wish) is None
    assert verdict(bounds, stands, doubts, wish, Mode.PAUSED) is not None


@given(BOUNDS, STANDS, DOUBTS, WISHES)
def test_reduce_only_never_approves_what_raises_usage_in_sum_nor_the_most_used_limit(bounds, stands, doubts, wish):
    if verdict(bounds, stands, doubts, wish, Mode.REDUCE_ONLY) is not None:
        return
    added = (wish.delta_cash, wish.gamma_cash, wish.vega_cash)
    before = [abs(now) / bound for now, bound in zip(stands, bounds, strict=True)]
    after = [abs(now + more) / bound for now, more, bound in zip(stands, added, bounds, strict=True)]
    assert sum(after) < sum(before)
    assert max(after) <= max(before) + 1.1e-9  # float noise of an inverse row's gamma is not a rise


@given(BOUNDS, STANDS, st.lists(WISHES, max_size=8))
def test_hedges_approved_in_one_step_stay_within_the_limit_together(bounds, stands, wishes):
    gate = open_gate(limits(bounds), Breaker(), {"BTC": (Exposure(delta_cash=stands[0]), 0.0)}, 0)
    stood = stands[0]
    for wish in wishes:
        hedge = Impact("BTC", wish.delta_cash, 0.0, 0.0, wish.notional, True)
        if refusal(gate, hedge) is None:
            after = stood + hedge.delta_cash
            assert abs(after) <= max(bounds[0], abs(stood)) * (1 + 2e-9)
            stood = after


@given(BOUNDS, STANDS, DOUBTS, DOLLARS)
def test_usage_counts_doubt_on_top_and_never_against(bounds, stands, doubts, target):
    sure = Exposure(delta_cash=stands[0], gamma_cash=stands[1], vega_cash=stands[2])
    unsure = Exposure(*([0.0] * 7), *doubts)
    unsure.delta_cash, unsure.gamma_cash, unsure.vega_cash = stands
    for known, doubted in zip(
        usage(limits(bounds), "BTC", sure, target), usage(limits(bounds), "BTC", unsure, target), strict=True
    ):
        assert 0.0 <= known.used <= doubted.used


@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.dictionaries(st.sampled_from(["BTC-PERP", "BTC-30D-100000-C"]), DOLLARS))
def test_widening_never_reduces_the_usage_of_any_limit(make_world, less, more, book):
    world = make_world()
    world.held = book
    world.btc.trusted[world.slot("BTC-30D-100000-C")] = False
    used = [
        [entry.used for entry in usage(limits((1e6, 1e5, 5e4)), "BTC", world.exposure(widening), 0.0)]
        for widening in (0.0, less, less + more)
    ]
    for sure, unsure, very_unsure in zip(*used, strict=True):
        assert sure <= unsure <= very_unsure
