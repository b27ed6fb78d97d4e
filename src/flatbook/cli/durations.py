"""Spans of time as people type them."""

import re

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND, InputFault

_UNITS = {"d": NS_PER_DAY, "h": NS_PER_HOUR, "m": NS_PER_MINUTE, "s": NS_PER_SECOND, "ms": NS_PER_MS}
_LONGEST_NS = 36_500 * NS_PER_DAY
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")


def parse_duration(text: str) -> int:
    """The nanoseconds of a span such as `2m`, `90s`, `1h30m` or `250ms`.

    Every number has its unit (d, h, m, s, ms). Raises InputFault for anything else, and for a span of nothing.
    """
    body = text.strip().lower().replace(" ", "")
    parts = _PART.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body:
        raise InputFault("is not a span of time", where=repr(text), remedy="write it with units, as 90s, 2m or 1h30m")
    length = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if length > _LONGEST_NS:
        raise InputFault("is longer than a lifetime", where=repr(text), remedy="give at most 36500d, or leave it out for no end")
    span_ns = round(length)
    if span_ns == 0:
        raise InputFault("is no time at all", where=repr(text), remedy="give at least a millisecond")
    return span_ns


def format_duration(span_ns: int) -> str:
    """A span in its two largest units, for people: `1h 30m`, `2m 5s`, `0.250s`."""
    if span_ns < NS_PER_MINUTE:
        return f"{span_ns / NS_PER_SECOND:.3f}".rstrip("0").rstrip(".") + "s"
    names = (("d", NS_PER_DAY), ("h", NS_PER_HOUR), ("m", NS_PER_MINUTE), ("s", NS_PER_SECOND))
    largest = next(i for i, (_, unit_ns) in enumerate(names) if span_ns >= unit_ns)
    words: list[str] = []
    for name, unit_ns in names[largest : largest + 2]:
        count, span_ns = divmod(span_ns, unit_ns)
        if count:
            words.append(f"{count}{name}")
    return " ".join(words)
