import pytest

from nlp.clauses import clause_points
from nlp.evidence import Spot, sort_of
from nlp.folding import pieces
from nlp.page import Page
from nlp.subjects import BARE_SUBJECT, NAMED_SUBJECT, PLURAL_SUBJECT, SUBJECT_INSIDE, subject_points


def spot_in(text: str, name: str) -> tuple[Page, Spot]:
    """A page, and where a name of one word stands in it."""
    page = Page(pieces(text))
    at = page.words.index(name.lower())
    return page, Spot(at, at + 1, name.lower(), (1,), sort_of(name.lower()))


@pytest.mark.parametrize(
    ("text", "name", "points"),
    [
        ("Ladder built a tower of chairs.", "Ladder", BARE_SUBJECT),
        ("Ladder writes the words, and the others play.", "Ladder", BARE_SUBJECT),
        ("Ladder never slept.", "Ladder", BARE_SUBJECT),
        ("Lanterns began in a barn.", "Lanterns", PLURAL_SUBJECT),
        ("Monica reinvented herself.", "Monica", NAMED_SUBJECT),
        ("We left when Ladder stole the show.", "Ladder", SUBJECT_INSIDE),
        ("We left when Smog stole the show.", "Smog", SUBJECT_INSIDE),
        ("Smog hung over the stage.", "Smog", 0),
        ("Kindness won in the end.", "Kindness", 0),
        ("Ladder sales fell.", "Ladder", 0),
        ("Dancers screamed.", "Dancers", 0),
        ("King Ladder built a tower.", "Ladder", 0),
        ("The ship was late, because Ladder reached number one.", "Ladder", 0),
        ("Chicago built a hall.", "Chicago", 0),
    ],
)
def test_what_a_verb_after_a_name_says(text, name, points):
    assert subject_points(*spot_in(text, name)) == points


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("They sang a song called Ladder twice.", "Ladder"),
        ("Their third album, Ladder, is out.", "Ladder"),
        ("In 1988 came Ladder (1988) and Stairs.", "Ladder"),
        ("It was followed by hits such as Ladder and Stairs.", "Ladder"),
        ("She wrote \"Up Your Ladder\" in a day.", "Ladder"),
        ("We all know One Ladder by heart.", "Ladder"),
        ("He made Falling in Ladder in a week.", "Ladder"),
    ],
)
def test_titles_are_no_names(text, name):
    assert clause_points(*spot_in(text, name)) < 0
