import json
import unicodedata
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from spacy.language import Language
from spacy.training import Example
from thinc.api import fix_random_seed

from db.errors import ConfigError
from nlp.language import (
    LONGEST_RUN,
    LONGEST_TEXT,
    OWN_MODEL_FOLDER,
    Config,
    blank,
    clean,
    for_language,
    load,
    read,
    tags,
)
from nlp.terms import extract


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
    with pytest.raises(ConfigError, match=r"install that spaCy pipeline.* set it to 'kinsong'") as caught:
        load(Config(model=name))
    assert repr(name) in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_damaged_model_is_an_error_of_ours(tmp_path):
    (tmp_path / "meta.json").write_text("{}")
    (tmp_path / "config.cfg").write_text("[nlp")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load(Config(model=str(tmp_path)))


def test_a_pipeline_without_tags_gives_words_and_pairs(tmp_path):
    blank("en").to_disk(tmp_path)
    language = load(Config(model=str(tmp_path)))
    assert not tags(language)
    assert tags(load())
    (found,) = [extract(doc) for doc in read(language, ["Loud guitars and a slow waltz."])]
    assert {kind for kind, _ in found} == {"n1", "n2"}


LOUD = "The loud guitars of Berlin play a slow waltz ."
CLEARNLP = ["DT", "JJ", "NNS", "IN", "NNP", "VBP", "DT", "JJ", "NN", "."]
UNIVERSAL = ["DET", "ADJ", "NOUN", "ADP", "PROPN", "VERB", "DET", "ADJ", "NOUN", "PUNCT"]


def tiny(labels: str) -> Language:
    """A pipeline of another maker, trained on one sentence: a tagger as ClearNLP has it, with or without the ruler
    that maps tags to word classes, or a morphologizer that gives classes alone."""
    language = spacy.blank("en")
    name = "morphologizer" if labels == "classes" else "tagger"
    component = language.add_pipe(name)
    for label in sorted({f"POS={c}" for c in UNIVERSAL} if labels == "classes" else set(CLEARNLP)):
        component.add_label(label)
    words = LOUD.split()
    gold = {"words": words, "pos": UNIVERSAL, "morphs": [""] * len(words), "tags": CLEARNLP}
    example = Example.from_dict(language.make_doc(LOUD), gold)
    fix_random_seed(1)
    optimizer = language.initialize(lambda: [example])
    for _ in range(12):
        language.update([example], sgd=optimizer)
    if labels == "tags and classes":
        ruler = language.add_pipe("attribute_ruler")
        for tag, word_class in zip(CLEARNLP, UNIVERSAL, strict=True):
            ruler.add([[{"TAG": tag}]], {"POS": word_class})
    return language


@pytest.mark.parametrize("labels", ["tags and classes", "tags", "classes"])
def test_any_pipeline_that_tags_will_do(tmp_path, labels):
    tiny(labels).to_disk(tmp_path)
    language = load(Config(model=str(tmp_path)))
    assert tags(language)
    (found,) = [set(extract(doc)) for doc in read(language, [LOUD])]
    assert {term for kind, term in found if kind == "np"} == {"loud guitars", "berlin", "slow waltz"}
    assert {term for kind, term in found if kind == "adj"} == {"loud", "slow"}


def test_an_installed_package_is_found_by_its_name(tmp_path, monkeypatch):
    package = tmp_path / "en_tiny_music"
    package.mkdir()
    tiny("tags and classes").to_disk(package / "en_tiny_music-1.0")
    (package / "__init__.py").write_text(
        "from pathlib import Path\nfrom spacy.util import load_model_from_init_py\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n"
    )
    (package / "meta.json").write_text('{"lang": "en", "name": "tiny_music", "version": "1.0"}')
    info = tmp_path / "en_tiny_music-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: en_tiny_music\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = [extract(doc) for doc in read(load(Config(model="en_tiny_music")), [LOUD])]
    assert found["np", "loud guitars"] == 1


TEXTS = {
    "ja": "ロックバンドのアルバムが発売された。音楽です。", "zh": "摇滚乐队发行了专辑。音乐", "th": "วงดนตรี เพลงร็อก",
    "ko": "록 밴드의 새 앨범이 나왔다.", "vi": "Ban nhạc rock phát hành album mới.",
}  # fmt: skip


@pytest.mark.parametrize("code", [*TEXTS, "es", "ru", "ar", "he"])
def test_every_language_is_read_without_another_package(code):
    (found,) = [extract(doc) for doc in read(blank(code), [TEXTS.get(code, "Loud guitars play. New album!")])]
    assert {kind for kind, _ in found} >= {"n2"}


def test_japanese_is_cut_by_its_scripts():
    (words,) = [[t.text for t in doc if not t.is_stop] for doc in read(blank("ja"), [TEXTS["ja"]])]
    assert words == ["ロックバンド", "アルバム", "発売", "。", "音楽", "。"]


def test_the_language_decides_the_pipeline():
    assert for_language("en-GB") is for_language("und") is load()
    assert for_language("de-AT").lang == "de"


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
