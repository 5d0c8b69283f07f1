"""How much a text is about music: a weighted lexicon, and the artists that it names.

With w the lexicon's weights (3 unmistakable, 2 clear, 1 weak), n how often each word stands in a text of L words (each
counted at most max(`MOST_OF_ONE`, L / 100) times, so that no single word decides) and m its mentions of artists
(counted so too):

    d = 100 · (Σ w·n + 3·m) / max(L, SHORTEST),        score = d / (d + HALF)

The lexicon was written for this purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

_UNMISTAKABLE = """
album albums discography songwriter songwriters songwriting guitarist guitarists bassist bassists drummer drummers
vocalist vocalists frontman frontwoman keyboardist saxophonist trumpeter cellist violinist pianist pianists ep eps lp
lps mixtape mixtapes remix remixes remixed remastered riff riffs bassline basslines chorus choruses synth synths
synthesizer synthesizers synthesiser synthesisers billboard grammy grammys setlist duet duets quartet quintet ballad
ballads refrain refrains techno electronica reggae ska dub bluegrass rockabilly shoegaze dubstep grunge motown
krautrock falsetto reverb bandleader bandmates bandmate troubadour rapper rappers mc dj djs deejay
"""
_CLEAR = """
song songs singer singers sing sings singing sang sung music musical musician musicians musically band bands lyric
lyrics lyrical lyricist melody melodies melodic harmony harmonies vocal vocals guitar guitars bass drum drums drumming
piano keyboard keyboards violin cello trumpet saxophone sax trombone flute harmonica accordion banjo mandolin fiddle
ukulele organ percussion acoustic concert concerts gig gigs orchestra orchestral composer composers composed
composition rock punk metal jazz blues soul funk disco gospel rap pop indie folk psychedelic ambient soundtrack
soundtracks chart charts charted label labels recording recordings recorded rhythm rhythms tune tunes tuneful groove
grooves duo trio ensemble choir opera symphony headlining headlined tours touring toured discs vinyl fan fans frontmen
instrumental instrumentals arrangement arrangements arrangers chord chords verse verses solo solos anthem anthems
supergroup sideman venue venues
"""
_WEAK = """
record records track tracks single singles release released releases debut studio tour stage live perform performed
performs performing performance performances performer performers hit hits sound sounds artist artists group groups
cover covers covered play plays played playing player listener listeners listen audience festival festivals radio
producer producers produced production beat beats loop loops sample samples genre genres style influence influences
influenced collaborated collaboration collaborations signed dance tape tapes sessions session reunion reunited
disbanded scene tempo key hip hop writing compilation lineup demo demos critics acclaim acclaimed review reviews club
clubs dancefloor
"""
LEXICON: dict[str, int] = {
    **dict.fromkeys(_WEAK.split(), 1),
    **dict.fromkeys(_CLEAR.split(), 2),
    **dict.fromkeys(_UNMISTAKABLE.split(), 3),
}
"""Folded word → how surely it speaks of music."""
MUSIC_WORDS = frozenset(LEXICON)

MOST_OF_ONE = 5
SHORTEST = 40
"""Words; a shorter text is scored as if it were this long, so that two words do not make a music page."""
HALF = 10.0
"""Weighted hits per hundred words at which the score is one half."""
MOST_REASONS = 5


class Musicality(NamedTuple):
    """A verdict: score 0 … 1, and the words that made it, most telling first, each with its share of the evidence."""

    score: float
    reasons: tuple[tuple[str, float], ...]


def musicality(words: Iterable[str], mentions: int = 0) -> Musicality:
    """The verdict on a text of these folded words that mentions artists so many times."""
    counted = Counter(words)
    length = max(counted.total(), SHORTEST)
    most = max(MOST_OF_ONE, length // 100)
    found = {word: LEXICON[word] * min(counted[word], most) for word in LEXICON.keys() & counted.keys()}
    if mentions:
        found["named artists"] = 3 * min(mentions, most)
    evidence = sum(found.values())
    if not evidence:
        return Musicality(0.0, ())
    density = 100 * evidence / length
    best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS]
    return Musicality(density / (density + HALF), tuple((word, points / evidence) for word, points in best))
