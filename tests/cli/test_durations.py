import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND, InputFault
from flatbook.cli.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "span_ns"),
    [
        ("2m", 2 * NS_PER_MINUTE),
        ("90s", 90 * NS_PER_SECOND),
        ("1h30m", NS_PER_HOUR + 30 * NS_PER_MINUTE),
        ("1h 30m", NS_PER_HOUR + 30 * NS_PER_MINUTE),
        ("0.5h", 30 * NS_PER_MINUTE),
        ("250ms", 250 * NS_PER_MS),
        ("1D", NS_PER_DAY),
        ("1m1ms", NS_PER_MINUTE + NS_PER_MS),
    ],
)
def test_a_span_is_read_as_people_write_it(text, span_ns):
    assert parse_duration(text) == span_ns


@pytest.mark.parametrize(
    "text", ["", "2", "m", "2 minutes", "-2m", "2m foo", "1h30", "1e3s", "0s", "two", "36501d", 400 * "9" + "d"]
)
def test_anything_else_is_one_sentence(text):
    with pytest.raises(InputFault) as fault:
        parse_duration(text)
    assert repr(text) in str(fault.value)


@given(st.integers(min_value=1, max_value=10**7))
def test_whole_seconds_survive_being_written_and_read(seconds):
    largest_two = format_duration(seconds * NS_PER_SECOND)
    read_ns = parse_duration(largest_two)
    assert read_ns <= seconds * NS_PER_SECOND < read_ns + (NS_PER_HOUR if "d" in largest_two else NS_PER_MINUTE)


def test_a_span_is_shown_in_its_two_largest_units():
    shown = [format_duration(ns) for ns in (NS_PER_DAY + 7, 5400 * NS_PER_SECOND, 125 * NS_PER_SECOND, 250 * NS_PER_MS)]
    assert shown == ["1d", "1h 30m", "2m 5s", "0.25s"]
