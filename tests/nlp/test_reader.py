"""One process or several, one document or many at once: a reading is the same."""

import random

import pytest

from db.read import Text
from nlp.language import Config as LanguageConfig
from nlp.reader import Catalogue, Config, Reader, read_all

NAMES = ("Calexico", "Motörhead", "Air", "Ash Harbour", "Ash Harbour", "Radiohead", "The Purple Quibble")
LINES = (
    "Calexico recorded dusty trumpets with Radiohead.", "The French duo Air sound slow and warm.",
    "For fans of Calexico, Radiohead, Motörhead and others.", "It rained all day.", "Motörhead spielen laut.",
    "A new record by The Purple Quibble is out.", "Ash Harbour (DE) sang odd hymns in a cold, blue hall.",
)  # fmt: skip


def catalogue(*more: tuple[str, int]) -> Catalogue:
    names = [*((name, i) for i, name in enumerate(NAMES)), *more]
    return Catalogue(names, {3: "CA", 4: "DE"}, {artist: artist for _, artist in names})


def reader(catalogue: Catalogue, processes: int = 1) -> Reader:
    return Reader(catalogue, Config(processes=processes), LanguageConfig())


def texts(n: int) -> list[Text]:
    rng = random.Random(3)
    return [
        Text(
            i, f"http://a.org/{i}", "a.org", rng.choice(["", *NAMES]),
            " ".join(rng.choices(LINES, k=rng.randint(0, 9))), rng.choice(["en", "de", "und", "pt-BR"]), "",
        )
        for i in range(n)
    ]  # fmt: skip


def rows(reader: Reader, given: list[Text], total: int = 0) -> list[dict[str, object]]:
    return [row for _, batch in read_all(reader, given, total) for row in batch.to_pylist()]


def test_what_is_read_beside_a_document_changes_nothing():
    one, given = reader(catalogue()), texts(60)
    together = rows(one, given)
    assert [rows(one, [text])[0] for text in given] == together
    assert [row["counts"] for row in together if row["counts"]]


def test_two_processes_read_as_one_does(monkeypatch):
    monkeypatch.setattr("nlp.reader.BATCH", 8)
    given = texts(70)
    pairs = list(read_all(reader(catalogue(), processes=2), given, len(given)))
    assert len(pairs) == 9
    assert [text for batch, _ in pairs for text in batch] == given
    assert [row for _, batch in pairs for row in batch.to_pylist()] == rows(reader(catalogue()), given)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ((), True),
        ((("Zorvane", 9),), True),  # stands in no text
        ((("Dusty Trumpets", 9),), False),
        ((("Trumpets with", 9),), False),
        ((("Calexico", 9),), False),
        ((("The Tucson Two", 0),), False),  # another name of one who is named
        ((("Tucson", 6),), True),  # of one who is not
    ],
)
def test_a_signature_tells_whether_the_catalogue_matters(change, same):
    text = Text(1, "http://a.org/1", "a.org", "", LINES[0] + " Air.", "en", "")
    before, after = (reader(names).signature(text) for names in (catalogue(), catalogue(*change)))
    assert (before == after) == same


def test_a_reading_has_its_signature():
    one = reader(catalogue())
    given = texts(20)
    assert [row["names"] for row in rows(one, given)] == [one.signature(text) for text in given]


def test_the_digest_of_a_catalogue_tells_it_from_others():
    others = [catalogue(), catalogue(("Zorvane", 9)), catalogue()._replace(notes={}), catalogue()._replace(names=[])]
    assert len({other.digest() for other in others}) == len(others)
    assert catalogue().digest() == catalogue().digest()
