import numpy as np
import pyarrow as pa
import pytest

from nlp.company import company
from nlp.counts import COUNTS, MENTIONS
from nlp.cultural import Config, fit, fixed_signs, term_matrix
from nlp.usage import TAGS, Usage, read_usage

SCENES = {
    "folk": ["fiddle", "shanty", "harbour", "salt", "reel"], "techno": ["synth", "loop", "strobe", "glass", "kick"],
}  # fmt: skip
ARTISTS = 20


def facts(ids: np.ndarray, seed: int = 1) -> pa.Table:
    """Artists of two scenes, in turns: each uses words of its own scene, and words that all use."""
    rng = np.random.default_rng(seed)
    rows = []
    for place, artist in enumerate(ids.tolist()):
        words = list(SCENES.values())[place % 2]
        for kind in ("n1", "adj"):
            for word in sorted({*rng.choice(words, 3), "song", f"only{place}"}):
                rows.append((place, "a.org", artist, kind, word, int(rng.integers(1, 4))))
    return pa.table([pa.array(c, f.type) for c, f in zip(zip(*rows, strict=True), COUNTS, strict=True)], schema=COUNTS)


def usage(ids: np.ndarray, config: Config, tags: pa.Table | None = None) -> Usage:
    return read_usage(facts(ids), TAGS.empty_table() if tags is None else tags, ids, config)


IDS = np.arange(100, 100 + ARTISTS, dtype=np.int64)
CONFIG = Config(boilerplate=1, adj=0.5, further=0, idf_floor=0)


def fitted(ids: np.ndarray = IDS, config: Config = CONFIG, seed: int = 0):
    return fit(usage(ids, config), config, np.random.default_rng(seed))


def test_artists_of_a_scene_are_nearest_to_each_other():
    unit = fitted().unit()
    similarity = unit @ unit.T
    same = np.add.outer(np.arange(ARTISTS), np.arange(ARTISTS)) % 2 == 0
    np.fill_diagonal(similarity, np.nan)
    assert np.nanmin(np.where(same, similarity, np.nan)) > np.nanmax(np.where(same, np.nan, similarity))


def test_rows_stand_in_canonical_order_and_are_named():
    vectors = fitted()
    assert vectors.ids.tolist() == IDS.tolist()
    assert (vectors.model, vectors.entity, vectors.matrix.dtype) == ("cultural", "artist", np.float32)


def test_ids_as_dealt_change_nothing():
    dealt = np.random.default_rng(5).permutation(IDS) * 3
    assert np.array_equal(fitted(dealt).matrix, fitted().matrix)


def test_the_same_seed_gives_the_same_bits_and_another_nearly_the_same_space():
    one, two, other = fitted().matrix, fitted().matrix, fitted(seed=9).matrix
    assert np.array_equal(one, two)
    assert np.allclose(one @ one.T, other @ other.T, atol=0.05)


def test_the_full_decomposition_keeps_all_products():
    config = Config(boilerplate=1, adj=0.5, artists_per_dim=1, min_artists=1, further=0, idf_floor=0)
    used = usage(IDS, config)
    _, matrix = term_matrix(used, config)
    vectors = fit(used, config, np.random.default_rng(0))
    assert vectors.dim == ARTISTS - 1
    products = (matrix @ matrix.T).toarray()
    missing = np.linalg.norm(products - vectors.matrix @ vectors.matrix.T, 2)
    assert missing == pytest.approx(np.linalg.eigvalsh(products).min(), abs=1e-4)  # the one direction that is cut


def test_signs_are_fixed_by_the_largest_entry():
    components = np.array([[0.1, -0.9, 0.2], [0.5, 0.4, 0.0], [-0.5, 0.5, 0.0]])
    assert fixed_signs(components).tolist() == [-1, 1, -1]


def test_rows_of_the_matrix_have_length_one_and_kinds_their_shares():
    config = Config(boilerplate=1, n1=3, adj=4)
    ids, matrix = term_matrix(usage(IDS, config), config)
    assert ids.tolist() == IDS.tolist()
    assert np.allclose(np.sqrt(matrix.multiply(matrix).sum(axis=1)), 1)
    n1 = len({w for words in SCENES.values() for w in words} | {"song"})
    assert np.allclose(np.sqrt(matrix[:, :n1].multiply(matrix[:, :n1]).sum(axis=1)), 0.6)


def test_a_share_of_nothing_leaves_a_kind_out():
    config = Config(boilerplate=1, adj=0)
    _, matrix = term_matrix(usage(IDS, config), config)
    assert matrix.shape[1] == sum(map(len, SCENES.values())) + 1


def test_terms_of_one_artist_alone_do_not_count():
    _, matrix = term_matrix(usage(IDS, CONFIG), CONFIG)
    assert matrix.shape[1] == 2 * (sum(map(len, SCENES.values())) + 1)


def test_tags_place_an_artist_without_text():
    tags = pa.table({"artist_id": [100, 102, 999], "tag": ["folk"] * 3, "count": [3, 1, 2]}, schema=TAGS)
    ids = np.append(IDS, 999)
    vectors = fit(read_usage(facts(IDS), tags, ids, CONFIG), CONFIG, np.random.default_rng(0))
    unit = vectors.unit()
    near = unit[-1] @ unit[:-1].T
    assert vectors.ids[-1] == 999
    assert vectors.ids[near.argmax()] in (100, 102)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_artists_have_no_vectors(count):
    ids = IDS[:count]
    table = facts(ids) if count else None
    assert fit(read_usage(table, TAGS.empty_table(), ids, CONFIG), CONFIG, np.random.default_rng(0)) is None


def test_an_artist_that_shares_nothing_is_left_out():
    table = pa.concat_tables([facts(IDS), pa.table([[99], ["a"], [500], ["n1"], ["alone"], [1]], schema=COUNTS)])
    vectors = fit(read_usage(table, TAGS.empty_table(), np.append(IDS, 500), CONFIG), CONFIG, np.random.default_rng(0))
    assert 500 not in vectors.ids


def test_vectors_are_shorter_where_artists_are_few():
    assert fitted().dim == 8
    assert fitted(config=Config(boilerplate=1, adj=0.5, dim=4, further=0, idf_floor=0)).dim == 4
    assert fitted(config=Config(boilerplate=1, adj=0.5, artists_per_dim=2, further=0, idf_floor=0)).dim == 10


def test_further_directions_come_after_the_main_ones_and_count_less():
    less, whole = (fitted(config=Config(boilerplate=1, further=5, further_weight=w)).matrix for w in (0.3, 1.0))
    assert less.shape == (ARTISTS, 8 + 5)
    assert np.array_equal(less[:, :8], whole[:, :8])
    assert np.allclose(less[:, 8:], whole[:, 8:] * 0.3)
    assert fitted(config=Config(boilerplate=1, further_weight=0)).dim == 8
    assert fitted(config=Config(boilerplate=1)).dim == ARTISTS - 1


def test_an_artist_with_company_alone_stands_near_it():
    ids = np.append(IDS, 999)
    folk = [*range(0, ARTISTS, 2), ARTISTS]
    techno = list(range(1, ARTISTS, 2))
    rows = [(page, int(ids[place])) for page, places in ((1, folk), (2, techno)) for place in places]
    mentions = pa.Table.from_pylist(
        [{"document_id": d, "artist_id": a, "mentions": 1, "confidence": 1.0} for d, a in rows], schema=MENTIONS
    )
    vectors = fit(usage(IDS, CONFIG), CONFIG, np.random.default_rng(0), company(mentions, ids, 50))
    assert vectors.ids.tolist() == ids.tolist()
    similarity = vectors.unit()[:-1] @ vectors.unit()[-1]
    assert similarity[::2].min() > similarity[1::2].max()


def test_company_that_is_switched_off_changes_nothing():
    mentions = pa.Table.from_pylist(
        [{"document_id": 1, "artist_id": int(a), "mentions": 1, "confidence": 1.0} for a in IDS[:4]], schema=MENTIONS
    )
    config = Config(boilerplate=1, adj=0.5, company=0, further=0, idf_floor=0)
    off = fit(usage(IDS, config), config, np.random.default_rng(0), company(mentions, IDS, 50))
    assert np.array_equal(off.matrix, fitted().matrix)
