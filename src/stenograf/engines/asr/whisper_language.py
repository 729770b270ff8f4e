"""Which language a recording speaks, by a vote of several windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from stenograf.core.ports import OnProgress
from stenograf.core.transcript import Notice
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.asr.heartbeat import with_heartbeat
from stenograf.engines.asr.packing import Block

Ranked: TypeAlias = Sequence[tuple[str, float]]
"""Languages by Whisper's code with their probabilities."""

N_WINDOWS = 5  # a greeting or a song at the start must not decide alone
N_AGREEING = 3
SURE_PROBABILITY = 0.9
SWITCH_PROBABILITY = 0.5  # below, a block speaks what the recording speaks
N_TOLD = 5
CODES = {"jv": "jw"}  # ISO 639-1 where Whisper kept an older code


@dataclass(frozen=True, slots=True)
class Vote:
    """The outcome: `language` by ISO code, `means` of the likeliest languages, best first.

    A mean probability counts each window by its length. `means` holds the winner, even where
    languages that are not allowed were likelier.
    """

    language: str
    means: Mapping[str, float]
    notices: tuple[Notice, ...] = ()

    @property
    def probability(self) -> float:
        """The winner's mean probability over the windows."""
        return self.means[self.language]


def to_whisper(language: str) -> str:
    """Whisper's code for an ISO 639 code."""
    return CODES.get(language, language)


def from_whisper(language: str) -> str:
    """The ISO 639 code for Whisper's.

    >>> from_whisper("jw"), from_whisper("ru")
    ('jv', 'ru')
    """
    return next((iso for iso, whisper in CODES.items() if whisper == language), language)


def likeliest(ranked: Ranked, allowed: Collection[str]) -> str | None:
    """The likeliest of the allowed languages (all if none is named); None where none is likely.

    >>> likeliest([("uk", 0.6), ("ru", 0.3), ("en", 0.1)], {"ru", "en"})
    'ru'
    """
    known = {code: p for code, p in ranked if not allowed or code in allowed}
    best = max(known, key=known.__getitem__, default=None)
    if best is None or known[best] < SWITCH_PROBABILITY * sum(known.values()):
        return None
    return best


def vote_on_language(
    rank: Callable[[Samples], Ranked],
    audio: Waveform,
    blocks: Sequence[Block],
    allowed: Sequence[str],
    on_progress: OnProgress,
) -> Vote:
    """The likeliest of the allowed languages (ISO codes; all if none is named).

    Windows lie evenly over the blocks. Two that are sure, or three that agree, end the vote.
    """
    sums: dict[str, float] = defaultdict(float)
    favourites: list[str] = []
    heard_s = 0.0
    for block in _spread(blocks, N_WINDOWS):
        ranked = with_heartbeat(partial(rank, block.samples(audio)), partial(on_progress, 0.0))
        found = {from_whisper(language): probability for language, probability in ranked}
        heard_s += block.duration
        for language, probability in found.items():
            sums[language] += probability * block.duration
        favourites.append(_best(found, allowed))
        if _decided(favourites, sums[_best(sums, allowed)] / heard_s):
            break
    means = {language: min(1.0, total / heard_s) for language, total in sums.items()}
    winner = _best(means, allowed)
    told = sorted(means, key=means.__getitem__, reverse=True)[:N_TOLD]
    return Vote(
        winner,
        {code: means[code] for code in dict.fromkeys([*told, winner])},
        _doubt(means, winner),
    )


def _best(found: Mapping[str, float], allowed: Sequence[str]) -> str:
    return max(allowed or found, key=lambda language: found.get(language, 0.0))


def _decided(favourites: Sequence[str], probability: float) -> bool:
    """Whether more windows are unlikely to change the outcome."""
    agree = len(set(favourites)) == 1
    return agree and (
        len(favourites) >= N_AGREEING or (len(favourites) == 2 and probability >= SURE_PROBABILITY)
    )


def _doubt(means: Mapping[str, float], winner: str) -> tuple[Notice, ...]:
    """A notice where a language that is not allowed is likelier than all that are, together."""
    heard = max(means, key=means.__getitem__)
    if heard == winner or means[heard] < SWITCH_PROBABILITY:
        return ()
    return (
        Notice(
            "language.not_allowed",
            "The recording sounds like {heard}, which is not among the languages to choose from; "
            "it was taken for {language}.",
            "Say --language, or name more --languages.",
            {"heard": heard, "language": winner},
        ),
    )


def _spread(blocks: Sequence[Block], n: int) -> list[Block]:
    """At most `n` blocks evenly over the recording, the middle first, so that few tell much."""
    n = min(n, len(blocks))
    even = [blocks[(2 * i + 1) * len(blocks) // (2 * n)] for i in range(n)]
    return [even[i] for i in _from_the_middle(n)]


def _from_the_middle(n: int) -> Iterator[int]:
    """Indices of `n` places, far ones after near ones.

    >>> list(_from_the_middle(5)), list(_from_the_middle(2))
    ([2, 0, 4, 1, 3], [1, 0])
    """
    spread = [n // 2, 0, n - 1, *range(1, n - 1)]
    yield from dict.fromkeys(i for i in spread if i < n) if n else ()
