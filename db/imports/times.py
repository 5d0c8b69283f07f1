"""Times as people write them: seconds, milliseconds or microseconds since 1970, or ISO 8601; without a zone UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TIME = pa.timestamp("us", tz="UTC")
_SECONDS, _MILLISECONDS, _LATEST = 10**11, 10**14, 4_102_444_800 * 10**6
"""Whole numbers below the first are seconds, below the second milliseconds, else microseconds; none after 2100."""
_UNSET = 365 * 86_400 * 10**6
"""Times before 1971: where a clock begins that nobody has set."""
_AHEAD = timedelta(days=1)
"""How far a clock may be ahead of this one."""


def to_times(column: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
    """timestamp(us, UTC) (n,), null where there is none; bool (n,), true where there is something that is no time."""
    if pa.types.is_timestamp(column.type):
        return _from_timestamps(column), np.zeros(len(column), dtype=bool)
    if pa.types.is_date(column.type):
        return column.cast(pa.timestamp("us")).cast(TIME), np.zeros(len(column), dtype=bool)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        column = pc.cast(column, pa.int64(), safe=False).cast(pa.string())
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    empty = pc.fill_null(pc.equal(text, ""), True).to_numpy(zero_copy_only=False)
    whole = pc.fill_null(pc.match_substring_regex(text, r"^\d{1,16}$"), False).to_numpy(zero_copy_only=False)
    micros = np.zeros(len(column), dtype=np.int64)
    micros[whole] = _scaled(pc.cast(text.filter(pa.array(whole)), pa.int64()).to_numpy())
    read = whole & (micros <= _LATEST)
    written = ~whole & ~empty
    if written.any():
        stamps, understood = _from_iso(text.filter(pa.array(written)))
        micros[written], read[written] = stamps, understood
    return pa.array(micros, mask=~read).cast(TIME), ~empty & ~read


def doubtful(times: pa.Array, today: datetime) -> dict[str, NDArray[np.bool_]]:
    """What is wrong with times that can be read but cannot be meant → bool (n,), where it is so."""
    micros = times.cast(pa.int64()).fill_null(_UNSET).to_numpy(zero_copy_only=False)
    latest = pa.scalar(today + _AHEAD, TIME).cast(pa.int64()).as_py()
    return {"before 1971: a clock that was not set": micros < _UNSET, "in the future": micros > latest}


def _from_timestamps(column: pa.Array) -> pa.Array:
    micros = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return micros.cast(pa.int64()).cast(TIME)


def _scaled(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    factor = np.where(numbers < _SECONDS, 1_000_000, np.where(numbers < _MILLISECONDS, 1_000, 1))
    return numbers * factor


def _from_iso(text: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Microseconds and whether they could be read, of texts that are not empty."""
    for kind in (TIME, pa.timestamp("us")):
        try:
            micros = text.cast(kind).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            continue
        return micros, np.ones(len(text), dtype=bool)
    one_by_one = [_micros(t) for t in text.to_pylist()]
    return np.array([m or 0 for m in one_by_one], dtype=np.int64), np.array([m is not None for m in one_by_one], bool)


def _micros(text: str) -> int | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    since = zoned - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
