import spacy

import nlp.components  # noqa: F401  registers them
from nlp.language import clean, load
from nlp.mentions import Matcher
from nlp.terms import extract

NAMES = [("Calexico", 1), ("Air", 2)]
TEXT = clean("The French duo Air recorded dusty songs. Calexico released a slow album. The air is cold.")


def test_they_find_what_the_build_finds():
    language = spacy.blank("en").from_config(load().config)
    language.from_bytes(load().to_bytes())
    language.add_pipe("kinsong_mentions", config={"names": NAMES})
    language.add_pipe("kinsong_terms")
    doc = language(TEXT)
    plain = load()(TEXT)
    reading = Matcher(NAMES).read(plain)
    spans = doc.spans["artists"]
    assert [(s.start, s.end, int(s.id_), s._.confidence) for s in spans] == reading.mentions
    assert [s.text for s in spans] == ["Air", "Calexico"]
    assert {s.label_ for s in spans} == {"ARTIST"}
    assert doc._.musicality == reading.musicality
    assert doc._.terms == extract(plain, {t for s in spans for t in range(s.start, s.end)})
    assert doc._.terms["np", "slow album"] == 1


def test_what_they_need_and_give_is_declared():
    language = spacy.blank("en")
    language.add_pipe("kinsong_terms")
    language.add_pipe("kinsong_mentions")
    report = language.analyze_pipes()
    assert set(report["problems"]["kinsong_terms"]) == {"token.tag", "token.pos"}
    assert report["problems"]["kinsong_mentions"] == []
    assert report["attrs"]["doc._.terms"]["assigns"] == ["kinsong_terms"]
    assert report["attrs"]["doc.spans"]["assigns"] == ["kinsong_mentions"]


def test_a_pipeline_with_names_can_be_saved_and_loaded(tmp_path):
    language = spacy.blank("en")
    language.add_pipe("kinsong_mentions", config={"names": NAMES, "threshold": 1.0})
    language.to_disk(tmp_path)
    doc = spacy.load(tmp_path)(TEXT)
    assert not doc.spans["artists"]
    assert doc._.musicality > 0
