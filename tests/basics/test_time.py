"""Instants and durations, against Python's own calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_DAY, NS_PER_SECOND, NS_PER_YEAR, InputFault, format_utc, parse_utc, years_between

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1600, 1, 1), datetime(2399, 12, 31, 23, 59, 59), timezones=st.just(UTC))


def ns_of(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1) * 1000


@given(INSTANTS)
def test_any_instant_is_written_as_the_calendar_writes_it_to_the_millisecond(instant):
    written = instant.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    assert format_utc(ns_of(instant)) == written


@given(INSTANTS)
def test_any_instant_is_read_as_the_calendar_reads_it_to_the_microsecond(instant):
    assert parse_utc(instant.isoformat()) == ns_of(instant)


@given(st.integers(-(10**19), 10**19))
def test_what_was_written_reads_back_as_the_same_millisecond(ns):
    assert parse_utc(format_utc(ns)) == ns // 10**6 * 10**6


@given(st.integers(1900, 2200), st.integers(0, 13), st.integers(0, 32))
def test_a_day_is_accepted_exactly_when_the_calendar_has_it(year, month, day):
    text = f"{year}-{month:02d}-{day:02d}"
    try:
        expected = ns_of(datetime(year, month, day, tzinfo=UTC))
    except ValueError:
        with pytest.raises(InputFault):
            parse_utc(text)
    else:
        assert parse_utc(text) == expected


@pytest.mark.parametrize(
    "text",
    ["2026-01-06T08:00:00Z", "2026-01-06T08:00:00", "2026-01-06 08:00", "2026-01-06T08:00+00:00", " 2026-01-06T08:00:00.0Z "],
)
def test_a_person_may_write_eight_oclock_in_several_ways(text):
    assert parse_utc(text) == 1_767_686_400 * NS_PER_SECOND


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-01", "06.01.2026", "2026-01-06T25:00:00", "2026-01-06T08", "2026-01-06T08:00:60", "2026-01-06T08:00:nan"],
)
def test_what_is_no_date_is_refused_with_the_text_and_the_remedy(text):
    with pytest.raises(InputFault) as fault:
        parse_utc(text)
    assert repr(text) in str(fault.value)
    assert "write it as 2026-01-06T08:00:00Z" in str(fault.value)


@pytest.mark.parametrize("offset", ["+02:00", "-05:00"])
def test_another_time_zone_is_refused_rather_than_taken_for_utc(offset):
    with pytest.raises(InputFault):
        parse_utc(f"2026-01-06T08:00:00{offset}")


def test_the_thirtieth_of_february_is_no_expiry():
    with pytest.raises(InputFault, match="a day that its month does not have"):
        parse_utc("2026-02-30T08:00:00Z")


def test_an_option_year_has_365_days_leap_year_or_not():
    assert years_between(parse_utc("2024-01-01"), parse_utc("2025-01-01")) == 366 / 365
    assert years_between(0, NS_PER_YEAR) == 1.0
    assert years_between(NS_PER_DAY, 0) == -1 / 365


def test_deribits_own_example_has_its_time_to_expiry():
    # ccxt 19908: BTC-27SEP24 quoted at 1699593511632 ms.
    assert years_between(1_699_593_511_632 * 10**6, parse_utc("2024-09-27T08:00:00Z")) == pytest.approx(0.8824990, abs=5e-8)
