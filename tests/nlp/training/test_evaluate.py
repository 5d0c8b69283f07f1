import pytest

from nlp.language import load
from nlp.training.corpus import Sentence, Word
from nlp.training.evaluate import Match, evaluate, gold_noun_phrases, match


def tree(text: str) -> Sentence:
    """A sentence from words written ``form/UPOS/XPOS/head/relation``, heads counted from 1, 0 for the root."""
    words = []
    for item in text.split():
        form, upos, xpos, head, relation = item.split("/")
        glued = form.endswith("+")  # no space after it
        words.append(Word(form.removesuffix("+"), upos, xpos, int(head) - 1, relation, not glued))
    return Sentence(tuple(words), True, True)


LOUD = tree(
    "Her/PRON/PRP$/4/nmod:poss very/ADV/RB/3/advmod loud/ADJ/JJ/4/amod band/NOUN/NN/5/nsubj "
    "plays/VERB/VBZ/0/root drum/NOUN/NN/8/compound machine/NOUN/NN/8/compound music/NOUN/NN/5/obj"
)


@pytest.mark.parametrize(
    ("sentence", "phrases"),
    [
        (LOUD, ["loud band", "drum machine music"]),
        (tree("a/DET/DT/2/det sister/NOUN/NN/4/nmod:poss 's/PART/POS/2/case song/NOUN/NN/0/root"), ["sister", "song"]),
        (tree("sad/ADJ/JJ/4/amod and/CCONJ/CC/3/cc slow/ADJ/JJ/1/conj songs/NOUN/NNS/0/root"), ["songs"]),
        (tree("Ella/PROPN/NNP/0/root Fitzgerald/PROPN/NNP/1/flat"), ["Ella Fitzgerald"]),
        (tree("two/NUM/CD/3/nummod other/ADJ/JJ/3/amod bands/NOUN/NNS/0/root"), ["bands"]),
        (tree("someone/PRON/NN/2/nsubj sings/VERB/VBZ/0/root"), []),
        (
            tree("singer+/NOUN/NN/3/compound -+/PUNCT/HYPH/3/punct songwriter/NOUN/NN/4/compound duo/NOUN/NN/0/root"),
            ["singer - songwriter duo"],
        ),
        (tree("songs/NOUN/NNS/0/root of/ADP/IN/3/case love/NOUN/NN/1/nmod"), ["songs", "love"]),
    ],
)  # fmt: skip
def test_gold_noun_phrases(sentence, phrases):
    words = [word.text for word in sentence.words]
    assert [" ".join(words[start:end]) for start, end in gold_noun_phrases(sentence)] == phrases


def test_match_is_precision_recall_and_f1():
    assert match({(0, 1), (2, 3)}, {(0, 1)}) == Match(0.5, 1.0, 2 / 3)
    assert match(set(), set()) == Match(0, 0, 0)


def test_scores_of_the_shipped_pipeline_on_a_plain_sentence():
    scores = evaluate(load(), [LOUD, LOUD])
    assert scores.upos == 1
    assert scores.noun_phrases == scores.adjectives == Match(1, 1, 1)
