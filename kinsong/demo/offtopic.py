"""Pages that are not about music: cooking, travel, football; some hold words that are also names of bands."""

from __future__ import annotations

from kinsong.demo.scenes import words

TOPICS: dict[str, dict[str, tuple[str, ...]]] = {
    "cooking": {
        "thing": words(
            "onions, lentils, a bay leaf, cold butter, two eggs, brown sugar, leeks, barley, mustard, dried "
            "apricots, a lemon, cabbage, thyme, buttermilk, flour, walnuts"
        ),
        "dish": words("a stew, a flat pie, soup, dumplings, a plum cake, pickles, a gratin, bread"),
        "how": words(
            "slowly, over low heat, in a wide pan, until golden, with a lid on, for an hour, without stirring"
        ),
        "title": words(
            "A stew for ten, What to do with leeks, My aunt’s plum cake, Bread without haste, Pickles in October"
        ),
    },
    "travel": {
        "thing": words(
            "the old town, a night train, the harbour wall, a hostel with thin walls, a museum of keys, the cable "
            "car, the border, a lake, a market, the bus to the north, a lighthouse, a cheap ferry"
        ),
        "dish": words("a long walk, a day trip, a weekend, the coastal path, a detour, a picnic, a swim"),
        "how": words(
            "by bus, on foot, before breakfast, without a map, at low tide, in the rain, with friends, off season"
        ),
        "title": words("Three days by the lake, North by bus, A walk at low tide, Slow trains, Where the road ends"),
    },
    "football": {
        "thing": words(
            "the back four, a late penalty, the new keeper, an offside trap, the second half, a header, midfield, "
            "the referee, the away end, a clean sheet, the derby, three points"
        ),
        "dish": words("a draw, a defeat, a win on penalties, a cup tie, a friendly, promotion, a replay"),
        "how": words("in stoppage time, away from home, on a frozen pitch, with ten men, from the bench, as so often"),
        "title": words("A point away from home, Ten men and a frozen pitch, Thoughts on the derby, Replay on Tuesday"),
    },
}
"""Topic → its words: thing, dish (what comes of it), how, and titles of pages."""

SENTENCES = (
    "You need {thing}, {thing} and patience.",
    "Last Sunday it was {dish} again, {how}.",
    "Nobody at home cares for {thing}, so I do it {how}.",
    "What I remember best is {thing}, and {dish} that came of it.",
    "First {thing}, then {thing}, and never the other way round.",
    "My neighbours say that {dish} should be done {how}. They are wrong.",
    "It all depends on {thing}: do it {how} and you will be fine.",
    "We talked about {thing} the whole way, and about {dish} on the way back.",
    "The paper said otherwise, but {thing} did not disappoint.",
    "Often {thing} is all it takes.",
    "If somebody offers you {dish}, say yes please and ask about {thing}.",
    "Tuesdays are for {dish}, {how}.",
    "Mother always began with {thing}.",
    "North of here they prefer {thing}, {how}.",
    "I wrote down {thing}, {thing} and {thing}; the rest is a matter of taste.",
    "It took longer than planned, {how}, and ended with {dish}.",
    "In my experience {thing} works better {how}.",
    "There is a photograph of {thing} somewhere, from the day of {dish}.",
    "After all that work, {dish} for everyone.",
    "The trick with {thing}: leave it alone.",
)
