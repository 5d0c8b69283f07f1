from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from db.imports.rejects import Rejects
from db.imports.rows import LONGEST_NAME, Rows, Sieve, _plain, clean_name


def test_no_character_is_taken_for_plain_that_would_be_cleaned() -> None:
    letters = [chr(code) for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF]
    for frame in ("{}", "a{}a"):
        names = [frame.format(letter) for letter in letters]
        plain = np.flatnonzero(_plain(pa.array(names)).to_numpy(zero_copy_only=False))
        assert len(plain) > 30_000
        assert [names[n] for n in plain if clean_name(names[n]) != (names[n], None)] == []


@given(st.lists(st.text(max_size=4) | st.just("a" * (LONGEST_NAME + 1)), max_size=5))
def test_a_column_of_names_is_what_cleaning_them_one_by_one_gives(names: list[str]) -> None:
    rejects = Rejects()
    sieve = Sieve(Rows(np.arange(len(names)), {"artist": pa.array(names, pa.string())}, names.__getitem__), rejects)
    kept = sieve.names("artist").filter(pa.array(sieve.good)).to_pylist()
    cleaned = [clean_name(name) for name in names]
    assert kept == [text for text, problem in cleaned if problem is None]
    assert rejects.total == sum(problem is not None for _, problem in cleaned)
