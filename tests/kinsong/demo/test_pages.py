"""Articles of the made-up world: varied prose of fair length, grammatical where a rule can tell, on three sites."""

from __future__ import annotations

import re
from collections import Counter

from kinsong.demo import offtopic, templates
from kinsong.demo.pages import SITES, SYNDICATED
from kinsong.demo.scenes import SCENES
from kinsong.demo.words import COMMON
from kinsong.demo.world import World


def test_pages_have_a_fair_length(world: World) -> None:
    lengths = [len(page.text.split()) for page in world.pages]
    assert min(lengths) >= 80
    assert max(lengths) <= 450
    assert 150 <= sum(lengths) / len(lengths) <= 300


def test_no_template_is_left_unfilled(world: World) -> None:
    for page in world.pages:
        assert not re.search(r"[{}<>\[\]|]|\(n\)", page.text), page.path
        assert all(paragraph[0] in '“"' or paragraph[0].upper() == paragraph[0] for paragraph in page.paragraphs)


def test_articles_fit_the_words_after_them(world: World) -> None:
    for page in world.pages:
        assert not re.search(r"\b[Aa] (?!u)[aeiou]\w", page.text), page.path
        assert not re.search(r"\b[Aa]n [bcdfgjklmnpqrstvwxyz]\w", page.text), page.path


def test_every_slot_of_the_templates_has_words_in_every_scene() -> None:
    entries = [e for group in vars(templates).values() if isinstance(group, tuple) for e in group]
    slots = {slot.removeprefix("C") for entry in entries for slot in re.findall(r"\{(\w+)\}", entry)}
    own = {"A", "B", "", "S", "s", "its", "Its", "them", "phrase", "song", "album", "year", "count", "hour"}
    for kind in slots - own:
        assert kind in COMMON
        assert all(kind in scene.vocabulary for scene in SCENES), kind


def test_sentences_seldom_repeat(world: World) -> None:
    music = [page for page in world.pages if page.kind not in offtopic.TOPICS]
    sentences = Counter(s for page in music for s in re.split(r"(?<=[.!?]) ", page.text) if len(s.split()) > 5)
    assert sum(1 for count in sentences.values() if count == 1) > 0.9 * len(sentences)


def test_every_page_has_its_own_address_and_every_site_its_share(world: World) -> None:
    assert len({(page.site, page.path) for page in world.pages}) == len(world.pages)
    sites = Counter(page.site for page in world.pages)
    assert set(sites) == set(SITES)
    assert min(sites.values()) > 100


def test_mentions_stand_in_the_text(world: World) -> None:
    for page in world.pages:
        for label in page.mentions:
            assert world.by_label[label].name in page.text, (page.path, label)
        assert page.artist is None or page.artist in page.mentions


def test_pages_name_artists_of_other_scenes(world: World) -> None:
    about = [page for page in world.pages if page.artist]
    strangers = 0
    for page in about:
        artist = world.by_label[page.artist or ""]
        strangers += any(world.by_label[label].scene not in (artist.scene, artist.bridge) for label in page.mentions)
    assert strangers > 0.5 * len(about)
    lists = [page for page in world.pages if page.kind == "list"]
    assert sum(len({world.by_label[label].scene for label in page.mentions}) >= 3 for page in lists) > len(lists) / 2


def test_some_pages_are_not_about_music_and_some_hold_words_that_are_names(world: World) -> None:
    away = [page for page in world.pages if page.kind in offtopic.TOPICS]
    assert {page.kind for page in away} == set(offtopic.TOPICS)
    assert sum(not page.mentions for page in away) > len(away) / 2
    assert any("North of here" in page.text or "Mother" in page.text for page in away)


def test_some_reviews_stand_on_two_sites(world: World) -> None:
    titles = Counter((page.title, page.paragraphs[0]) for page in world.pages)
    assert sum(count == 2 for count in titles.values()) == SYNDICATED
    assert sum(page.noindex for page in world.pages) == 1
