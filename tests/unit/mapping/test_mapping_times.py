from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from synap_import.mapping.times import read_time, read_zone, time_reader

MORNING = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
PLUS_2 = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-15T10:30:00Z",
        "2026-01-15T10:30:00z",
        "2026-01-15t10:30:00Z",
        "2026-01-15T10:30:00+00:00",
        "2026-01-15T10:30:00+0000",
        "2026-01-15T10:30:00+00",
        "2026-01-15 10:30:00+0000",
        "2026-01-15 10:30:00 +0000",
        "2026-01-15 10:30:00 UTC",
        "  2026-01-15T10:30:00Z\n",
        "2026-01-15T10:30Z",
        "2026-01-15T10:30:00.0Z",
        "2026-01-15T10:30:00,000Z",
        "2026-01-15T10:30:00.000000000Z",
        "20260115T103000Z",
        "Thu, 15 Jan 2026 10:30:00 +0000",
        "Thu, 15 Jan 2026 10:30:00 GMT",
        "Thu, 15 Jan 2026 10:30:00 -0000",
        "15 Jan 2026 05:30:00 EST",
        1768473000,
        1768473000.0,
        1768473000000,
        1768473000000000,
        1768473000000000000,
        Decimal(1768473000),
        "1768473000",
        "1768473000.000",
        "1768473000000",
        MORNING,
    ],
)
def test_auto_reads_a_stated_time_exactly(written):
    assert read_time(written) == (MORNING, None)


def test_an_offset_is_kept():
    time, assumption = read_time("2026-01-15T10:30:00+02:00")

    assert (time.isoformat(), assumption) == ("2026-01-15T10:30:00+02:00", None)


@pytest.mark.parametrize("digits", range(1, 7))
def test_up_to_six_fractional_digits_are_exact(digits):
    time, assumption = read_time(f"2026-01-15T10:30:00.{'123456'[:digits]}Z")

    assert (time.microsecond, assumption) == (int("123456"[:digits].ljust(6, "0")), None)


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-15T10:30:00.1234567Z",
        "2026-01-15T10:30:00.12345678+00:00",
        "2026-01-15 10:30:00.123456789Z",
        "2026-01-15T103000.1234567Z",
        1768473000123456789,
    ],
)
def test_digits_behind_the_microsecond_are_cut_off_and_told(written):
    assert read_time(written) == (MORNING.replace(microsecond=123456), "truncated-time")


def test_a_time_without_a_zone_is_read_in_the_stated_one():
    assert read_time("2026-01-15 10:30:00") == (MORNING, "naive-time")
    assert read_time("2026-01-15 11:30:00", tz="Europe/Berlin") == (MORNING, "naive-time")
    assert read_time("2026-01-15T12:30:00", tz="+02:00") == (MORNING, "naive-time")
    assert read_time("15 Jan 2026 12:30", tz="+02:00") == (MORNING, "naive-time")
    assert read_time(MORNING.replace(tzinfo=None)) == (MORNING, "naive-time")


def test_a_time_with_a_zone_does_not_ask_for_another():
    assert read_time("2026-01-15T10:30:00Z", tz="Europe/Berlin") == (MORNING, None)


def test_daylight_saving_counts():
    time, _ = read_time("2026-07-15 10:30:00", tz="Europe/Berlin")

    assert time.isoformat() == "2026-07-15T10:30:00+02:00"


def test_an_hour_that_happens_twice_is_the_first():
    time, _ = read_time("2026-10-25 02:30:00", tz="Europe/Berlin")

    assert time.isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize(
    ("written", "day", "assumption"),
    [
        ("2026-01-15", 15, "date-only"),
        ("20260115", 15, "date-only"),
        (date(2026, 1, 15), 15, "date-only"),
        ("2026-01", 1, "month-only"),
        ("2026", 1, "year-only"),
    ],
)
def test_a_partial_date_is_its_first_moment_in_the_zone(written, day, assumption):
    assert read_time(written, tz="+02:00") == (
        datetime(2026, 1, day, tzinfo=PLUS_2),
        assumption,
    )


@pytest.mark.parametrize(
    "written", [0, -1, 0.0, "0", "-1", "0001-01-01T00:00:00Z", "0000-00-00 00:00:00", Decimal(0)]
)
def test_what_sources_write_for_an_unknown_time_is_unknown(written):
    assert read_time(written) == (None, "unknown-time")


@pytest.mark.parametrize(
    "written",
    [
        True,
        False,
        "soon",
        "yesterday at 5",
        "2026-02-30",
        "2026-13",
        "2026-01-15T24:00:00Z",
        "2026-01-15T10:30:60Z",
        "2026-01-15+02:00",
        "2026-01-15x10:30:00",
        "15 Jan 2026 10:30:00 CEST",
        "Thu, 35 Jan 2026 10:30:00 GMT",
        "01/15/2026",
        "99999999",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:30:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1e9",
        "٢٠٢٦",
        2**70,
        1e300,
        float("nan"),
        float("inf"),
        "9" * 30,
        pytest.param(10**5000, id="endless"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("1e999999"),
        {"$date": "2026-01-15"},
        ["2026-01-15"],
        b"2026",
    ],
)
def test_what_cannot_be_read_is_unreadable_and_never_an_exception(written):
    assert read_time(written) == (None, "unreadable-time")


@pytest.mark.parametrize(
    ("below", "from_there"),
    [(2 * 10**n - 1, 2 * 10**n) for n in (10, 13, 16)],
)
def test_the_unit_of_an_epoch_goes_by_its_magnitude(below, from_there):
    assert read_time(below).time > read_time(from_there).time


def test_the_unit_can_be_stated():
    assert read_time(1_000_000, "epoch_ms").time == datetime(1970, 1, 1, 0, 16, 40, tzinfo=UTC)
    assert read_time("1768473000000000", "epoch_us") == (MORNING, None)
    assert read_time(" 1768473000 ", "epoch_s") == (MORNING, None)
    assert read_time(1768473000000000000, "epoch_ns") == (MORNING, None)


def test_a_stated_unit_does_not_read_anything_else():
    assert read_time("2026-01-15", "epoch_s").assumption == "unreadable-time"


def test_iso_does_not_take_numbers_for_epochs():
    assert read_time(1768473000, "iso").assumption == "unreadable-time"
    assert read_time("1768473000", "iso").assumption == "unreadable-time"
    assert read_time("2026-01-15T10:30:00Z", "iso") == (MORNING, None)


def test_an_offset_with_seconds_becomes_utc_because_json_cannot_keep_it():
    time, assumption = read_time("2026-01-15T11:23:28+00:53:28")

    assert (time.isoformat(), assumption) == ("2026-01-15T10:30:00+00:00", None)


@pytest.mark.parametrize(
    ("pattern", "written", "assumption"),
    [
        ("%m/%d/%Y %H:%M:%S %z", "01/15/2026 10:30:00 +0000", None),
        ("%d.%m.%Y %H:%M", "15.01.2026 10:30", "naive-time"),
        ("%d %b %y, %I:%M %p", "15 Jan 26, 10:30 AM", "naive-time"),
    ],
)
def test_a_pattern_reads_what_it_describes(pattern, written, assumption):
    assert read_time(written, pattern) == (MORNING, assumption)


@pytest.mark.parametrize(
    ("pattern", "written", "day", "assumption"),
    [
        ("%Y%m%d", 20260115, 15, "date-only"),
        ("%m/%Y", "01/2026", 1, "month-only"),
        ("%Y", "2026", 1, "year-only"),
    ],
)
def test_a_pattern_without_a_time_of_day_says_so(pattern, written, day, assumption):
    assert read_time(written, pattern) == (datetime(2026, 1, day, tzinfo=UTC), assumption)


@pytest.mark.parametrize(
    "written",
    ["2026-01-15", True, None, [], pytest.param(10**5000, id="endless"), "01/15/2026 25:00"],
)
def test_what_does_not_fit_the_pattern_is_unreadable(written):
    assert read_time(written, "%m/%d/%Y %H:%M").assumption == "unreadable-time"


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("epoch", "did you mean 'epoch_s'"),
        ("rfc", "is no time format"),
        ("%d.%m. %H:%M", "no year"),
        ("%Y %Q", "'%Q', which is not known"),
        ("%Y-%m-%d %", "is not known"),
        ("%Y-%m-%d %H:%M %Z", "write %z for a zone"),
        ("%Y-%m-%d %I:%M", "without AM or PM"),
        ("%Y-%Y", "a directive twice"),
    ],
)
def test_a_wrong_format_is_refused_beforehand(pattern, problem):
    with pytest.raises(ValueError, match=problem):
        time_reader(pattern)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "+25:00", "\0", "x" * 5000]
)
def test_a_wrong_zone_is_refused_beforehand(name):
    with pytest.raises(ValueError, match="is no time zone or offset"):
        time_reader("auto", name)


@pytest.mark.parametrize(("name", "hours"), [("UTC", 0), ("Z", 0), ("+02:00", 2), ("-0500", -5)])
def test_a_zone_can_be_an_offset(name, hours):
    assert read_zone(name).utcoffset(None) == timedelta(hours=hours)
