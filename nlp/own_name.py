"""An artist's own name among its terms. It tells nothing about it, so no table shows it, in capitals or not.

"Air" written as a name is a mention and no term already (`nlp.counts`). What is left is the word in its plain sense on
pages about the artist: "air", "fresh air". A term holds the name when the words of one of the artist's spellings
stand in it side by side, "the" before them or not. Vectors keep such terms: there they are as rare as others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from nlp.folding import pieces, spellings
from nlp.usage import Usage


def holds_own_name(used: Usage, names: Mapping[int, Collection[str]]) -> NDArray[np.bool_]:
    """Which rows are terms that hold a name of their artist. bool (rows,).

    Args:
        used: rows in the order of artists.
        names: artist id → its names, aliases too.
    """
    found = np.zeros(len(used), dtype=bool)
    forms: dict[int, list[str]] = {}
    for row, (artist, term) in enumerate(zip(used.artist_ids.tolist(), used.terms.tolist(), strict=True)):
        if artist not in forms:
            forms[artist] = _forms(names.get(artist, ()))
        if forms[artist]:
            line = f" {_folded(term)} "
            found[row] = any(form in line for form in forms[artist])
    return found


def _forms(names: Collection[str]) -> list[str]:
    whole = {form for name in names for form in spellings(name)}
    return [f" {form} " for form in sorted(whole | {form.removeprefix("the ") for form in whole})]


def _folded(term: str) -> str:
    plain = term.isascii() and term.replace(" ", "").isalnum()
    return term if plain else " ".join(pieces(term).words)
