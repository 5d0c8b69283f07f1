"""Bytes to clean text: which charset, which characters may pass, which language."""

from __future__ import annotations

import re

import py3langid
from charset_normalizer import from_bytes
from w3lib.encoding import html_to_unicode

MAX_BYTES = 2 * 2**20
"""Text beyond this is not read: no page that is worth reading is longer, and extraction is not linear."""
DETECT_BYTES = 8192
LANGUAGE_CHARACTERS = 400
LEAST_LETTERS = 20
NO_EVIDENCE = -1e30

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LETTER = re.compile(r"[^\W\d_]")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def clean(text: str) -> str:
    """Text without NUL, control characters and lone surrogates: no database takes them all."""
    return _UNWANTED.sub("", text)


def line(text: str | None, longest: int = 1000) -> str | None:
    """One clean line, or nothing where nothing is left."""
    return " ".join(clean(text).split())[:longest].rstrip() or None if text else None


def decode(body: bytes, content_type: str | None) -> str:
    """Text by byte order mark, header, declaration inside the page, or detection, in this order; never fails."""
    _, text = html_to_unicode(content_type, body[:MAX_BYTES], auto_detect_fun=_detect)
    return str(text)


def _detect(body: bytes) -> str | None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4:
            return "utf-8"  # cut in the middle of a character
    else:
        return "utf-8"
    best = from_bytes(body[:DETECT_BYTES]).best()
    return best.encoding if best is not None else "cp1252"


def language(text: str, declared: str | None = None) -> str:
    """BCP 47 code of a text by its first 400 characters; what the page declares where they say too little; or und."""
    head = text[:LANGUAGE_CHARACTERS]
    if len(_LETTER.findall(head)) >= LEAST_LETTERS:
        code, score = py3langid.classify(head)
        if score > NO_EVIDENCE:
            return str(code)
    match = _LANGUAGE_TAG.fullmatch(declared.strip()) if declared else None
    return match.group().replace("_", "-") if match else "und"
