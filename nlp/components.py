"""kinsong's reading as spaCy components, for any pipeline: what each needs and gives is declared.

    language = spacy.load("en_core_web_sm")
    language.add_pipe("kinsong_terms")
    language.add_pipe("kinsong_mentions", config={"names": [["Calexico", 1], ["Air", 2]]})
    doc = language(nlp.language.clean(text))
    doc._.terms, doc.spans["artists"], doc._.musicality

The installed program names them to spaCy by itself; from a checkout, import this module first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from nlp.mentions import Config, Matcher
from nlp.terms import extract

SPANS = "artists"
"""Key of `doc.spans` under which mentions stand; a span's id is the artist's."""
LABEL = "ARTIST"

Doc.set_extension("terms", default=None, force=True)
Doc.set_extension("musicality", default=None, force=True)
Span.set_extension("confidence", default=None, force=True)


@Language.component("kinsong_terms", requires=["token.tag", "token.pos"], assigns=["doc._.terms"])
def terms(doc: Doc) -> Doc:
    """`doc._.terms`: how often each (kind, term) stands in the doc, without what `kinsong_mentions` found before."""
    skipped = {token for span in doc.spans.get(SPANS, ()) for token in range(span.start, span.end)}
    doc._.terms = extract(doc, skipped)
    return doc


class Mentions:
    """`doc.spans["artists"]` and `doc._.musicality`.

    Args:
        names: (name, artist id) pairs.
        threshold: least confidence.
    """

    def __init__(self, names: Sequence[tuple[str, int]], threshold: float) -> None:
        self._matcher = Matcher(names, Config(threshold=threshold))

    def __call__(self, doc: Doc) -> Doc:
        """Find the artists."""
        reading = self._matcher.read(doc)
        spans = []
        for mention in reading.mentions:
            span = Span(doc, mention.start, mention.end, label=LABEL, span_id=str(mention.artist_id))
            span._.confidence = mention.confidence
            spans.append(span)
        doc.spans[SPANS] = spans
        doc._.musicality = reading.musicality
        return doc


@Language.factory(
    "kinsong_mentions", default_config={"names": [], "threshold": Config().threshold},
    assigns=["doc.spans", "doc._.musicality", "span._.confidence"],
)  # fmt: skip
def mentions(nlp: Language, name: str, names: list[Any], threshold: float) -> Mentions:  # noqa: ARG001
    """The component for a catalogue of names: a list of [name, artist id]."""
    return Mentions([(str(called), int(artist)) for called, artist in names], threshold)
