import json

import pytest

from nlp.language import Config as LanguageConfig
from nlp.language import load, read
from nlp.training import supplement
from nlp.training.__main__ import main
from nlp.training.corpus import Sentence, Word
from nlp.training.evaluate import evaluate
from nlp.training.recipe import PARAGRAPH, Config, texts, train

SMALL = Config(
    width=24,
    depth=1,
    form_rows=500,
    affix_rows=200,
    epochs=4,
    batch_words=50,
    supplement_sentences=60,
    learn_rate=0.02,
    dropout=0.05,
)


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    return supplement.sentences(80, seed=5)


def word(text: str) -> Word:
    return Word(text, "NOUN", "NN", -1, "root", True)


def test_the_supplement_is_the_same_for_the_same_seed():
    assert supplement.sentences(50, 1) == supplement.sentences(50, 1)
    assert supplement.sentences(50, 1) != supplement.sentences(50, 2)


def test_the_supplement_reads_as_english():
    made = supplement.sentences(500, 3)
    written = ["".join(word.text + " " * word.space_after for word in one.words) for one in made]
    assert not [text for text in written if " a a" in text or " ," in text or " ." in text or " 's" in text]
    assert {word.upos for one in made for word in one.words} <= {
        "NOUN", "PROPN", "ADJ", "ADV", "VERB", "AUX", "DET", "PRON", "ADP", "CCONJ", "PART", "PUNCT"
    }  # fmt: skip


def test_texts_keep_documents_apart_and_paragraphs_visible():
    given = [
        Sentence((word("a"), word("b")), True, True),
        Sentence((word("c"),), False, True),
        Sentence((word("d"),), False, False),
        Sentence((word("e"),), True, True),
    ]
    first, second = texts(given, Config())
    assert first.words == ["a", "b", PARAGRAPH, "c", "d"]
    assert first.starts == [True, False, False, True, True]
    assert first.spaces == [True, False, False, True, True]
    assert second.words == ["e"]
    assert [len(text.words) for text in texts(given, Config(document_sentences=1))] == [2, 1, 1, 1]


def test_training_is_deterministic_and_learns(sentences):
    first, second = train(sentences, SMALL), train(sentences, SMALL)
    assert first.to_bytes() == second.to_bytes()
    assert evaluate(first, sentences).xpos > 0.8
    assert train(sentences, SMALL.model_copy(update={"seed": 1})).to_bytes() != first.to_bytes()


def test_each_epoch_is_reported(sentences):
    scores = []
    train(sentences[:20], SMALL, lambda epoch, language: scores.append((epoch, evaluate(language, sentences).xpos)))
    assert [epoch for epoch, _ in scores] == [1, 2, 3, 4]
    assert scores[-1][1] > scores[0][1]


def test_the_command_writes_a_pipeline_that_loads(tmp_path, sentences, capsys):
    for part in ("train", "dev"):
        (tmp_path / f"{part}.conllu").write_text("".join(map(conllu, sentences)), encoding="utf-8")
    main(["--data", str(tmp_path), "--output", str(tmp_path / "model"), "--epochs", "1"], SMALL)
    assert "noun phrases P" in capsys.readouterr().out
    language = load(LanguageConfig(model=str(tmp_path / "model")))
    assert [[token.tag_ != "" for token in doc] for doc in read(language, ["A loud song."])] == [[True] * 4]
    assert json.loads((tmp_path / "model" / "meta.json").read_text())["license"] == "CC BY-SA 4.0"


def conllu(sentence: Sentence) -> str:
    lines = ["# newdoc"] if sentence.new_document else []
    for number, one in enumerate(sentence.words, start=1):
        space = "_" if one.space_after else "SpaceAfter=No"
        lines.append(f"{number}\t{one.text}\t_\t{one.upos}\t{one.xpos}\t_\t0\troot\t_\t{space}")
    return "\n".join(lines) + "\n\n"
