"""What a person brings to a machine that has no way to fetch a model."""

from __future__ import annotations

from collections.abc import Iterator

from stenograf.models.catalog import Entry, HubSource, UrlSource, entry
from stenograf.models.connection import HUB


def by_hand(subject: Entry) -> dict[str, str]:
    """Details for a hint: the model's name, and addresses with files of all it needs."""
    return {"name": subject.name, "bring": "; ".join(_parts(subject))}


def _parts(subject: Entry) -> Iterator[str]:
    source = subject.sources[0]
    if isinstance(source, HubSource):
        yield f"{HUB}/{source.repository} ({', '.join(source.files)})"
    elif isinstance(source, UrlSource):
        yield source.url
    else:
        yield f"pip download --no-deps {source.requirement}"
    for name in subject.needs:
        yield from _parts(entry(name))
