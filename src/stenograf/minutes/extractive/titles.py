"""What to call a topic: the words that tell it from the others."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from stenograf.stems import Token

N_WORDS: Final = 3  # words or phrases in a title
PHRASE: Final = 1.5
"""A phrase tells more than a word said as often."""

TWICE: Final = 2  # what was said once is no subject, where something was said twice

Key: TypeAlias = tuple[str, ...]
Said: TypeAlias = tuple[str, Sequence[Token]]
"""A text and its telling words."""


@dataclass(frozen=True, slots=True)
class _Form:
    key: Key
    text: str
    opens: bool  # the sentence, where any word has a capital


def titles(topics: Sequence[Sequence[Said]]) -> list[str]:
    """A title for each topic; empty for one without a telling word."""
    forms = [list(_forms(said)) for said in topics]
    counts = [Counter(form.key for form in found) for found in forms]
    spread = Counter(key for counted in counts for key in counted)
    return [
        _title(_best(counted, spread, len(topics)), found)
        for counted, found in zip(counts, forms, strict=True)
    ]


def _forms(topic: Sequence[Said]) -> Iterator[_Form]:
    """Each telling word of a topic, and each two that stand together."""
    for text, words in topic:
        for i, word in enumerate(words):
            if word.end - word.start > 1:
                yield _form(text, words[i : i + 1])
            if i and _together(text, words[i - 1], word):
                yield _form(text, words[i - 1 : i + 1])


def _form(text: str, words: Sequence[Token]) -> _Form:
    start, end = words[0].start, words[-1].end
    opens = not any(letter.isalnum() for letter in text[:start])
    return _Form(tuple(word.stem for word in words), text[start:end], opens)


def _together(text: str, left: Token, right: Token) -> bool:
    return left.stem != right.stem and text[left.end : right.start] in {"", " ", "-"}


def _best(counted: Counter[Key], spread: Counter[Key], n_topics: int) -> list[Key]:
    """The keys of a title, the most telling first; no word stands in two of them."""

    def worth(key: Key) -> float:
        rarity = math.log((1 + n_topics) / spread[key]) if n_topics > 1 else 1.0
        return counted[key] * rarity * (PHRASE if len(key) > 1 else 1.0)

    said = [key for key, n in counted.items() if n >= TWICE or len(key) == 1]
    ranked = sorted(said, key=lambda key: (counted[key] < TWICE, -worth(key), key))
    best: list[Key] = []
    for key in ranked:
        if len(best) < N_WORDS and not any(set(key) & set(other) for other in best):
            best.append(key)
    return best


def _title(keys: Sequence[Key], forms: Sequence[_Form]) -> str:
    spelled: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    wanted = set(keys)
    inside = Counter(form.text for form in forms if not form.opens)
    for form in forms:
        if form.key in wanted:
            spelled[form.key][_as_inside(form, inside)] += 1
    text = ", ".join(spelled[key].most_common(1)[0][0] for key in keys)
    return text[:1].upper() + text[1:]


def _as_inside(form: _Form, inside: Counter[str]) -> str:
    """A word that opens a sentence, written as it is inside of sentences."""
    small = form.text[:1].lower() + form.text[1:]
    return small if form.opens and inside[small] >= inside[form.text] else form.text
