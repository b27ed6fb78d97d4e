"""Instants as integers and durations in years. Nothing here knows what time it is now."""

from flatbook.basics.faults import InputFault

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000
NS_PER_MINUTE = 60 * NS_PER_SECOND
NS_PER_HOUR = 3600 * NS_PER_SECOND
NS_PER_DAY = 24 * NS_PER_HOUR
NS_PER_YEAR = 365 * NS_PER_DAY  # ACT/365, as the option venues count


def years_between(start_ns: int, end_ns: int) -> float:
    """ACT/365 years from `start_ns` to `end_ns`; negative when the end has passed."""
    return (end_ns - start_ns) / NS_PER_YEAR


def format_utc(instant_ns: int) -> str:
    """`2026-01-06T08:00:00.485Z`: ISO 8601 in UTC with milliseconds, without asking any clock or locale."""
    days, rest = divmod(instant_ns, NS_PER_DAY)
    year, month, day = _civil_from_days(days)
    hour, rest = divmod(rest, NS_PER_HOUR)
    minute, rest = divmod(rest, NS_PER_MINUTE)
    second, rest = divmod(rest, NS_PER_SECOND)
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{rest // NS_PER_MS:03d}Z"


def parse_utc(text: str) -> int:
    """The instant of an ISO 8601 UTC text such as `2026-01-06T08:00:00Z` or `2026-01-06`.

    Raises InputFault when the text is not a date, or names an offset other than UTC.
    """
    body = text.strip().removesuffix("Z").removesuffix("+00:00")
    date, _, clock = body.replace(" ", "T").partition("T")
    try:
        year, month, day = (int(part) for part in date.split("-"))
        hour, minute, second = _clock_parts(clock)
        if not (1 <= month <= 12 and 1 <= day <= 31 and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
            raise ValueError(text)
    except ValueError:
        raise InputFault("is not a UTC date and time", where=repr(text), remedy="write it as 2026-01-06T08:00:00Z") from None
    days = _days_from_civil(year, month, day)
    if _civil_from_days(days) != (year, month, day):
        raise InputFault("names a day that its month does not have", where=repr(text), remedy="correct the date")
    return days * NS_PER_DAY + hour * NS_PER_HOUR + minute * NS_PER_MINUTE + round(second * NS_PER_SECOND)


def _clock_parts(clock: str) -> tuple[int, int, float]:
    if not clock:
        return 0, 0, 0.0
    parts = clock.split(":")
    if len(parts) not in (2, 3):
        raise ValueError(clock)
    return int(parts[0]), int(parts[1]), float(parts[2]) if len(parts) == 3 else 0.0


def _days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March so leap days come last."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _civil_from_days(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = month_from_march + (3 if month_from_march < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * month_from_march + 2) // 5 + 1
