import pytest

from nlp.language import blank
from nlp.mentions import Matcher

NAMES = [("Ash Harbour", 1), ("Ash Harbour", 2), ("Tarn", 3), ("Tarn", 4), ("Tarn", 5)]
TAGS = {1: "sea shanty folk", 2: "techno house folk", 3: "black metal", 4: "chamber pop"}


@pytest.mark.parametrize(
    ("text", "artists"),
    [
        ("A techno record by Ash Harbour is out.", [2]),
        ("Ash Harbour sing each shanty of the sea.", [1]),
        ("A folk record by Ash Harbour is out.", []),
        ("A folk record, half techno and half shanty, by Ash Harbour is out.", []),
        ("Ash Harbour played. The set was house, and Ash Harbour left.", [2, 2]),
        ("The metal of Tarn is black.", []),
    ],
)
def test_tags_tell_artists_of_one_name_apart_where_all_have_some(text, artists):
    matcher = Matcher(NAMES, tags=TAGS)
    assert [mention.artist_id for mention in matcher.find(blank("en")(text))] == artists


def test_a_note_goes_before_tags():
    matcher = Matcher(NAMES, notes={1: "Leith", 2: "Bremen"}, tags=TAGS)
    text = "A techno record by Ash Harbour (Leith) is out."
    assert [mention.artist_id for mention in matcher.find(blank("en")(text))] == [1]


@pytest.mark.parametrize(
    ("text", "artists"),
    [
        ("A record by Quibble Zorvex is out.", [1]),
        ("A record by the Quibble Zorvex is out.", [2]),
        ("The Quibble Zorvex made a record.", [2]),
        ("QUIBBLE ZORVEX made a record.", []),
    ],
)
def test_the_article_tells_as_the_spelling_does(text, artists):
    matcher = Matcher([("Quibble Zorvex", 1), ("The Quibble Zorvex", 2)])
    assert [mention.artist_id for mention in matcher.find(blank("en")(text))] == artists
