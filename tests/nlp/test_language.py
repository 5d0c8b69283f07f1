import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from db.errors import ConfigError
from nlp.language import LONGEST_RUN, LONGEST_TEXT, OWN_MODEL_FOLDER, Config, blank, clean, load, read


def test_the_shipped_pipeline_tags_and_splits_sentences():
    (doc,) = [
        ([token.tag_ for token in doc], [token.pos_ for token in doc], [len(sentence) for sentence in doc.sents])
        for doc in read(load(), ["She sings. They play loud guitars!"])
    ]
    assert doc == (
        ["PRP", "VBZ", ".", "PRP", "VBP", "JJ", "NNS", "."],
        ["PRON", "VERB", "PUNCT", "PRON", "VERB", "ADJ", "NOUN", "PUNCT"],
        [3, 5],
    )


def test_a_pipeline_is_loaded_once():
    assert load() is load(Config()) is load(Config(model="kinsong"))


def test_a_folder_is_as_good_as_a_name():
    assert load(Config(model=str(OWN_MODEL_FOLDER))).meta["name"] == "kinsong"


@pytest.mark.parametrize("name", ["en_core_web_none", "/no/such/folder", "../model", "two words"])
def test_a_missing_model_is_named_with_the_way_out(name):
    with pytest.raises(ConfigError, match="set it to 'kinsong'") as caught:
        load(Config(model=name))
    assert repr(name) in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_damaged_model_is_an_error_of_ours(tmp_path):
    (tmp_path / "meta.json").write_text("{}")
    (tmp_path / "config.cfg").write_text("[nlp")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load(Config(model=str(tmp_path)))


def test_a_pipeline_without_tags_is_refused(tmp_path):
    blank("en").to_disk(tmp_path)
    with pytest.raises(ConfigError, match="no tagger"):
        load(Config(model=str(tmp_path)))


def test_the_config_is_strict():
    with pytest.raises(ValidationError):
        Config(model="")
    with pytest.raises(ValidationError):
        Config.model_validate({"modell": "kinsong"})


def test_the_model_is_small_and_carries_its_licence():
    files = [path for path in OWN_MODEL_FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 15 * 2**20
    assert not [path for path in files if path.suffix in (".pkl", ".pickle")]
    assert "Attribution-ShareAlike 4.0" in (OWN_MODEL_FOLDER / "NOTICE").read_text(encoding="utf-8")
    assert json.loads((OWN_MODEL_FOLDER / "meta.json").read_text(encoding="utf-8"))["license"] == "CC BY-SA 4.0"


def test_other_languages_get_tokens_and_sentences():
    assert [len(list(doc.sents)) for doc in read(blank("de"), ["Das ist gut. Das auch."])] == [2]


@pytest.mark.parametrize("code", ["zz", "pcm", "../x", ""])
def test_a_language_without_a_tokenizer_is_read_all_the_same(code):
    assert blank(code).lang == "xx"
    assert [token.text for doc in read(blank(code), ["uno duo."]) for token in doc] == ["uno", "duo", "."]


def test_reading_keeps_order_whatever_the_batches():
    texts = [f"Song number {number} is loud." for number in range(30)]
    for size in (1, 7, 64):
        assert [doc.text for doc in read(load(), iter(texts), batch_size=size)] == texts


def test_long_texts_make_small_batches_and_the_same_docs():
    texts = ["A quiet song. " * 5000, "", "A loud song. " * 5000]
    assert [len(doc.text) for doc in read(load(), texts)] == [len(clean(text)) for text in texts]


def test_reading_may_stop_early_and_start_again():
    for _ in range(3):
        for doc in read(load(), ["One song.", "Another song."]):
            assert doc[0].text == "One"
            break


def test_the_vocabulary_does_not_grow_with_the_texts():
    language = load()
    known = len(language.vocab.strings)
    for _ in read(language, [f"unheard{number}of word{number}s" for number in range(200)]):
        pass
    assert len(language.vocab.strings) - known < 50


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("one\r\n\r\n  two\tthree", "one\ntwo three"),
        ("a\u200bb\ufeffc\u00ad\u202ed", "abcd"),
        ("a\x00b\x1fc", "a b c"),
        ("don’t rock‑pop", "don't rock-pop"),
        ("e\u0301", "é"),
        ("\ud800x", "x"),
        ("a\u00a0b\u2003c", "a b c"),
        ("loud!!!!!! ------ 1000000", "loud!!! --- 1000000"),
        ("http://" + "a" * 500 + " end", "http://" + "a" * (LONGEST_RUN - 7) + " end"),
        ("あ" * 250, " ".join(["あ" * 100, "あ" * 100, "あ" * 50])),
    ],
)
def test_clean(text, cleaned):
    assert clean(text) == cleaned


def test_a_long_text_is_cut_at_a_space():
    assert clean("word " * LONGEST_TEXT).endswith("word")
    assert clean("some words here", longest=9) == "some"


@given(st.text(st.characters(), max_size=300))
def test_clean_text_is_fit_to_be_read_and_stays_so(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert {unicodedata.category(character) for character in cleaned if character != "\n"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    )
    assert max(map(len, cleaned.split()), default=0) <= LONGEST_RUN
    cleaned.encode("utf-8")


def test_no_trained_word_of_the_treebank_is_shipped():
    strings = json.loads((OWN_MODEL_FOLDER / "vocab" / "strings.json").read_text(encoding="utf-8"))
    assert len(strings) < 5000
    assert Path(OWN_MODEL_FOLDER / "vocab" / "key2row").stat().st_size < 100
