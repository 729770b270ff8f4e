"""Words to speakers, speakers to utterances. Pure functions."""

from stenograf.attribution.floor import exclusive, exclusive_turns
from stenograf.attribution.reading import by_sentence, utterances
from stenograf.attribution.renaming import (
    find_speaker,
    merge_speakers,
    reclustered,
    rename_speaker,
    replace_turns,
)
from stenograf.attribution.roles import RolesBy, assign_roles, with_role
from stenograf.attribution.rules import AttributionRules
from stenograf.attribution.speakers import number_speakers, speakers_heard
from stenograf.attribution.trust import by_trust
from stenograf.attribution.words import attribute_words

__all__ = [
    "AttributionRules",
    "RolesBy",
    "assign_roles",
    "attribute_words",
    "by_sentence",
    "by_trust",
    "exclusive",
    "exclusive_turns",
    "find_speaker",
    "merge_speakers",
    "number_speakers",
    "reclustered",
    "rename_speaker",
    "replace_turns",
    "speakers_heard",
    "utterances",
    "with_role",
]
