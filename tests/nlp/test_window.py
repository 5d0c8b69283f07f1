import numpy as np
import pyarrow as pa
import pytest

from nlp.counts import COUNTS
from nlp.usage import TAGS, read_usage
from nlp.weights import Config, top_terms
from nlp.window import window_terms

CANONICAL = np.array([7, 3, 9], dtype=np.int64)
ROWS = [
    (document, f"h{document % 3}", artist, kind, term, n)
    for document, artist, kind, term, n in [
        (1, 7, "n1", "loud", 2), (2, 7, "n1", "loud", 9), (3, 7, "n1", "quiet", 1), (3, 7, "adj", "icy", 1),
        (4, 3, "n1", "loud", 1), (5, 3, "adj", "icy", 2), (6, 9, "n1", "quiet", 1), (7, 9, "n1", "dry", 1),
    ]
]  # fmt: skip
COUNTED = pa.table([pa.array(c, f.type) for c, f in zip(zip(*ROWS, strict=True), COUNTS, strict=True)], schema=COUNTS)
CONFIG = Config(min_documents=1, min_hosts=1)


@pytest.mark.parametrize("weighting", ["tfidf", "gaussian", "contrast"])
def test_a_window_of_everything_is_what_the_build_publishes(weighting):
    config = CONFIG.model_copy(update={"weighting": weighting})
    names = {7: ["Quiet"], 3: ["The Cold"], 9: ["Dust", "Dry"]}
    whole = top_terms(read_usage(COUNTED, TAGS.empty_table(), CANONICAL, config), config, names).to_pylist()
    assert {row["artist_id"] for row in whole if row["term"] == "quiet"} <= {9}
    for artist in (7, 3, 9):
        window = window_terms(COUNTED, CANONICAL, artist, names[artist], np.arange(1, 8), config).to_pylist()
        assert window == [row for row in whole if row["artist_id"] == artist]


def test_only_the_windows_documents_count_and_frequencies_stay():
    narrow = window_terms(COUNTED, CANONICAL, 7, [], np.array([1, 4]), CONFIG).to_pylist()
    assert [(row["kind"], row["term"], row["weight"]) for row in narrow] == [("n1", "loud", 1.0)]
    both = window_terms(COUNTED, CANONICAL, 7, [], np.array([1, 3]), CONFIG).to_pylist()
    loud, quiet = (next(r["weight"] for r in both if r["term"] == term) for term in ("loud", "quiet"))
    assert loud / quiet == pytest.approx(1 + np.log(2))  # as many artists have either; it is loud twice
    assert window_terms(COUNTED, CANONICAL, 7, [], np.array([4, 99]), CONFIG).num_rows == 0
