import pytest

from nlp.language import blank, clean
from nlp.mentions import Matcher

NAMES = ("Zorvex", "R.Q.V.", "The Quibble", "Plimsolls", "Camera Plimsoll", "P!zz", "Suede")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zorvex is an opera in three acts.", []),
        ("Zorvex is the river that they crossed.", []),
        ("Zorvex and Plimmo is a novel of the sea.", []),
        ("Zorvex, my neighbour's dog, howls.", []),
        ("The Zorvex river floods in spring.", []),
        ("They looked at the planet Zorvex for an hour.", []),
        ("They rowed across the Zorvex.", []),
        ("The Zorvex rose.", []),
        ("Every Zorvex fan was there.", ["Zorvex"]),
        ("The Zorvex album is out.", ["Zorvex"]),
        ("Zorvex is a band from Leith.", ["Zorvex"]),
        ("The Quibble rose.", ["The Quibble"]),
        ("The Plimsolls rose.", ["Plimsolls"]),
        ("RQV sleep is when we dream.", []),
        ("RQV played first.", ["R.Q.V."]),
        ("R.Q.V. sleep late.", ["R.Q.V."]),
        ("A camera plimsoll stands on the hill.", []),
        ("i saw camera plimsoll twice", ["Camera Plimsoll"]),
        ("P!zz was there.", ["P!zz"]),
        ("The Suede magazine has closed.", []),
    ],
)
def test_names_of_somebody_or_something_else(text, names):
    matcher = Matcher([(name, place) for place, name in enumerate(NAMES)])
    assert [NAMES[mention.artist_id] for mention in matcher.find(blank("en")(clean(text)))] == names
