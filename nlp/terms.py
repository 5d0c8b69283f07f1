"""Terms of a tagged text: single words, pairs, noun phrases and adjectives.

The kinds are those of Whitman and Lawrence (2002), "Inferring descriptions and similarity for music from community
metadata": ``n1`` and ``n2`` (one word, two adjacent words), ``np`` (noun phrases), ``adj`` (adjectives). A noun phrase
is found by its tags alone, as Justeson and Katz (1995) found technical terms. Over units (words; hyphenated
compounds count as one) with

    J adjective   N noun or name   # number   V past participle   G present participle
    D determiner, possessive or number word   I preposition

a phrase is the longest ``( J | N | # | V after D I J # N? | G after D J #, before J or N )* N``. Words that cannot
stand at an edge are then taken off both ends, and of a longer phrase the last five words are kept. Left out: phrases
with a conjunction, a preposition or a possessive inside, and pronouns.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple, cast

from spacy.attrs import ORTH, POS, SENT_START, SPACY, TAG  # type: ignore[import-not-found]
from spacy.strings import StringStore
from spacy.tokens import Doc, Span

KINDS = ("n1", "n2", "np", "adj")
LONGEST_PHRASE = 5
"""Words of a noun phrase at most."""
LONGEST_WORD = 40
"""Characters of a word at most; what is longer is an address, a code or a key left pressed."""
LONGEST_COMPOUND = 4
"""Words joined by hyphens at most; what is longer is read word by word."""

_STOP_WORDS = """
a an the this that these those such
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves thee thou thy ya yall one ones oneself
who whom whose which what when where why how whoever whatever whenever wherever whichever however whether
someone somebody something somewhere somehow sometime sometimes anyone anybody anything anywhere anyhow anyway
everyone everybody everything everywhere noone nobody nothing nowhere none
and or but nor so yet if then else than because since unless until while although though as lest plus
of at by for with without about against between among amongst into onto through throughout during before after
above below to from up down in out on off over under upon within toward towards across behind beside besides beyond
near per via around along despite except like unlike amid atop aboard
am is are was were be been being isn aren wasn weren do does did doing done don doesn didn
have has had having haven hasn hadn can could couldn will would wouldn shall should shouldn may might must mustn
ought need needn dare let lets get gets got gotten getting go goes going gone went gonna wanna gotta
not no yes nope yeah ok okay oh ah well please
very too also just only even still ever never always often again once twice here there now today quite rather almost
really actually perhaps maybe already soon later much many more most less least few fewer several some any each
every either neither both all another other others same own enough else instead therefore thus hence moreover
furthermore meanwhile nevertheless nonetheless otherwise indeed
first second third last next former latter various certain able due
say says said saying make makes made making come comes came coming take takes took taken taking see sees saw seen
seeing know knows knew put puts use used uses using want wants wanted give gives gave given
zero two three four five six seven eight nine ten eleven twelve hundred thousand million billion
s t d m ll re ve nt n ca wo sha ain im ive ill id youre youve youll theyre theyve theyll weve whats thats theres
heres hes shes dont doesnt didnt cant cannot couldnt wont wouldnt shouldnt isnt arent wasnt werent
havent hasnt hadnt aint em pm til till cause cuz cos etc eg ie vs http https www com org net html htm
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing about music: no term is one, begins with one or ends with one."""

_COMPOUND_STARTS = (
    "lo hi low high full long short half mid multi neo nu post pre proto pseudo quasi semi non anti ultra self co "
    "super hyper mini micro mono all ever well old new"
)
_PREFIXES = frozenset(_COMPOUND_STARTS.split())
_PHRASE = re.compile(r"(?:[JN#]|(?<=[DIJ#])V(?=[JN])|(?<=[DJ#])G(?=[JN]))*N")
_APOSTROPHES = str.maketrans("’ʼ＇‛", "''''")

# what a word can be part of
MARK, FILLER, LETTER, CONTENT = range(4)
"""No term; the inside of a phrase (stop words, numbers); the edge of a pair or phrase; a term by itself."""


class Units(NamedTuple):
    """A text as the rules see it: parallel lists, one entry per word, mark, or sentence break."""

    words: list[str]
    levels: list[int]
    codes: list[str]
    """One character each: J N # V G D I as above, R adverb, x any other, | before a sentence."""
    starts: list[int]
    """First token of the unit, counted from the beginning of the text that was given."""
    ends: list[int]
    """One past its last token."""


def extract(doc: Doc | Span, skip: Collection[int] = ()) -> Counter[tuple[str, str]]:
    """How often each term stands in ``doc``, by (kind, term).

    A term is in lower case (casefolded, straight apostrophes), its words separated by single spaces. ``skip`` holds
    indices of tokens in the whole doc that no term may hold, such as the mention of an artist. Without tags, as from
    `nlp.language.blank`, only ``n1`` and ``n2`` are found.
    """
    words, levels, codes, *_ = units = read_units(doc, skip)
    found: Counter[tuple[str, str]] = Counter()
    pairs: list[tuple[str, str]] = []
    before = ""
    for word, level, code in zip(words, levels, codes, strict=True):
        if level < LETTER:
            before = ""
            continue
        if level == CONTENT:
            pairs.append(("n1", word))
            if code == "J":
                pairs.append(("adj", word))
        if before:
            pairs.append(("n2", f"{before} {word}"))
        before = word
    pairs += [("np", " ".join(words[start:end])) for start, end in _phrases(units)]
    found.update(pairs)
    return found


def noun_phrases(doc: Doc | Span) -> list[Span]:
    """The noun phrases of ``doc`` in their order, by the tag pattern in this module's header; none overlap."""
    units = read_units(doc)
    whole, offset = (doc.doc, doc.start) if isinstance(doc, Span) else (doc, 0)
    return [Span(whole, offset + units.starts[start], offset + units.ends[end - 1]) for start, end in _phrases(units)]


def adjectives(doc: Doc | Span) -> list[Span]:
    """The adjectives of ``doc`` in their order; a hyphenated compound is one."""
    units = read_units(doc)
    whole, offset = (doc.doc, doc.start) if isinstance(doc, Span) else (doc, 0)
    return [
        Span(whole, offset + start, offset + end)
        for level, code, start, end in zip(units.levels, units.codes, units.starts, units.ends, strict=True)
        if level == CONTENT and code == "J"
    ]


def _phrases(units: Units) -> Iterator[tuple[int, int]]:
    """First unit and one past the last of each noun phrase."""
    levels, codes = units.levels, units.codes
    for match in _PHRASE.finditer("".join(codes)):
        start, end = match.span()
        while end > start and (levels[end - 1] < LETTER or codes[end - 1] != "N"):
            end -= 1
        start = max(start, end - LONGEST_PHRASE)
        while start < end and levels[start] < LETTER:
            start += 1
        if end - start > 1 or (end > start and levels[start] == CONTENT):
            yield start, end


def read_units(doc: Doc | Span, skip: Collection[int] = ()) -> Units:
    """``doc`` as units; tokens whose index in the whole doc is in ``skip`` become marks."""
    units = Units([], [], [], [], [])
    count, offset = len(doc), doc.start if isinstance(doc, Span) else 0
    if not count:
        return units
    rows = cast("Doc", doc).to_array(_COLUMNS).tolist()
    skipped = {index - offset for index in skip}
    strings = doc.vocab.strings
    index = chain_end = 0
    while index < count:
        orth, tag, word_class, space, sentence_start = rows[index]
        if sentence_start == 1:
            _add(units, "", MARK, "|", index, index)
        word, level = _JUDGED.get(orth) or _judge(orth, strings)
        end = index + 1
        if index in skipped:
            word, level = "", MARK
        elif level and not space and index >= chain_end and end < count and rows[end][0] == _HYPHEN:
            chain_end = _chain_end(rows, index, skipped, strings)
            end = chain_end if (chain_end - index + 1) // 2 <= LONGEST_COMPOUND else end
        if end > index + 1:
            _add(units, *_compound(rows, index, end, strings), index, end)
        else:
            code = _CODES.get((tag, word_class)) or _code(tag, word_class, strings)
            _add(units, word, level, code if level else _hidden(code), index, end)
        index = end
    return units


def _add(units: Units, word: str, level: int, code: str, start: int, end: int) -> None:
    units.words.append(word)
    units.levels.append(level)
    units.codes.append(code)
    units.starts.append(start)
    units.ends.append(end)


def _hidden(code: str) -> str:
    """The code of a mark: only what licenses a participle, the possessive, is kept."""
    return code if code == "D" else "x"


def _chain_end(rows: list[list[int]], start: int, skipped: Collection[int], strings: StringStore) -> int:
    """One past the last token of the words joined by hyphens that begin at ``start``."""
    end = start + 1
    while end + 1 < len(rows) and rows[end][0] == _HYPHEN and not rows[end][3] and not rows[end - 1][3]:
        orth = rows[end + 1][0]
        _, level = _JUDGED.get(orth) or _judge(orth, strings)
        if not level or end + 1 in skipped:
            break
        end += 2
    return end


def _compound(rows: list[list[int]], start: int, end: int, strings: StringStore) -> tuple[str, int, str]:
    """Word, level and code of the hyphenated compound of the tokens from ``start`` to ``end``."""
    parts = [_JUDGED.get(row[0]) or _judge(row[0], strings) for row in rows[start:end:2]]
    codes = [_CODES.get((row[1], row[2])) or _code(row[1], row[2], strings) for row in rows[start:end:2]]
    word = "-".join(part for part, _ in parts)
    level = CONTENT if len(word) <= LONGEST_WORD and any(level == CONTENT for _, level in parts) else FILLER
    following = "x"
    if end < len(rows) and rows[end - 1][3]:
        tag, word_class = rows[end][1:3]
        following = _CODES.get((tag, word_class)) or _code(tag, word_class, strings)
    first, last = codes[0], codes[-1]
    if last in "JVG" or (following in "NJ" and (first in "JR" or parts[0][0] in _PREFIXES)):
        return word, level, "J"
    return word, level, "N" if last in "N#" or first == "N" else last


def _code(tag: int, word_class: int, strings: StringStore) -> str:
    """The unit code of a tag (XPOS) and a word class (UPOS), remembered.

    A pipeline may give one of the two: the class then follows from the tag, and determiners and prepositions from the
    class; participles are known by their tag alone.
    """
    tag_name, class_name = strings[tag], strings[word_class]
    class_name = class_name or _CLASSES.get(tag_name[:2], "")
    code = "x"
    if class_name in ("NOUN", "PROPN"):
        code = "x" if tag_name == "ADD" else "N"
    elif class_name == "ADJ":
        code = "N" if tag_name.startswith("NNP") else "J"
    elif class_name == "NUM":
        code = "#"
    elif tag_name == "VBN":
        code = "V"
    elif tag_name == "VBG":
        code = "G"
    elif tag_name in ("DT", "PDT", "PRP$", "POS", "WP$") or (not tag_name and class_name == "DET"):
        code = "D"
    elif tag_name == "IN" or (not tag_name and class_name == "ADP"):
        code = "I"
    elif class_name == "ADV":
        code = "R"
    _CODES[tag, word_class] = code
    return code


def _judge(orth: int, strings: StringStore) -> tuple[str, int]:
    """The word that a token's string is and what it can be part of, remembered."""
    if len(_JUDGED) >= _MOST_JUDGED:
        _JUDGED.clear()
    judged = _JUDGED[orth] = judge(strings[orth]) if orth else ("", MARK)
    return judged


def judge(text: str) -> tuple[str, int]:
    """``text``, one token, as a word (casefolded) and what it can be part of; a mark's word is empty."""
    word = text.casefold().translate(_APOSTROPHES).rstrip("'.")
    if not word.isascii():
        word = unicodedata.normalize("NFC", word)
    base = word if word.isascii() else "".join(filter(_is_base, word))
    if not word or len(word) > LONGEST_WORD or not word[0].isalnum() or not _WORD.fullmatch(base) or "n't" in word:
        return "", MARK
    if word in STOP_WORDS or _NUMBER.fullmatch(word) or not any(map(str.isalpha, base)):
        return word, FILLER
    return word, CONTENT if len(word) > 1 else LETTER


def _is_base(character: str) -> bool:
    return not unicodedata.category(character).startswith("M")


_COLUMNS: list[int | str] = [ORTH, TAG, POS, SPACY, SENT_START]
_HYPHEN = StringStore(["-"])["-"]
_CLASSES = {"NN": "NOUN", "JJ": "ADJ", "CD": "NUM", "RB": "ADV"}
"""Beginning of a tag → word class, for pipelines that give tags alone."""
_WORD = re.compile(r"[^\W_]+(?:['&-][^\W_]+)*|[^\W\d_](?:\.[^\W\d_])+")
_NUMBER = re.compile(r"\d+(?!(?<=\d\d)s$)[^\W\d_]{0,2}")
_MOST_JUDGED = 1 << 13
_JUDGED: dict[int, tuple[str, int]] = {}
_CODES: dict[tuple[int, int], str] = {}
