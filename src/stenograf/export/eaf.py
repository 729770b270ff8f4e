"""EAF for ELAN, "EAF Annotation Format 3.0" of the Max Planck Institute for Psycholinguistics."""

from __future__ import annotations

from itertools import count
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from stenograf.core.transcript import Transcript
from stenograf.export.plain import one_line
from stenograf.export.tiers import tiers

UNDATED: Final = "1970-01-01T00:00:00+00:00"

_MEDIA_TYPES: Final = {".wav": "audio/x-wav", ".mp4": "video/mp4", ".mpg": "video/mpeg"}
_LINGUISTIC_TYPE: Final = "speech"


def render(transcript: Transcript) -> bytes:
    """Tiers with the speaker as participant; the recording is looked for beside the file."""
    provenance = transcript.provenance
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "",
            "DATE": one_line(provenance.created_at) if provenance else UNDATED,
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
        },
    )
    _header(root, one_line(transcript.recording.name))
    order = ET.SubElement(root, "TIME_ORDER")
    slots, annotations = count(1), count(1)
    for tier in tiers(transcript):
        about = {"PARTICIPANT": tier.speaker, "TIER_ID": tier.name}
        element = ET.SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": _LINGUISTIC_TYPE} | about)
        for interval in tier.intervals:
            holder = ET.SubElement(element, "ANNOTATION")
            times = {
                "ANNOTATION_ID": f"a{next(annotations)}",
                "TIME_SLOT_REF1": _slot(order, f"ts{next(slots)}", interval.start_ms),
                "TIME_SLOT_REF2": _slot(order, f"ts{next(slots)}", interval.end_ms),
            }
            annotation = ET.SubElement(holder, "ALIGNABLE_ANNOTATION", times)
            ET.SubElement(annotation, "ANNOTATION_VALUE").text = interval.text
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        {
            "GRAPHIC_REFERENCES": "false",
            "LINGUISTIC_TYPE_ID": _LINGUISTIC_TYPE,
            "TIME_ALIGNABLE": "true",
        },
    )
    text = ET.tostring(root, encoding="unicode")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + text + "\n").encode()


def _slot(order: ET.Element, id: str, milliseconds: int) -> str:
    """A point in time, and the id by which it is referred to."""
    value = str(max(0, milliseconds))
    ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": id, "TIME_VALUE": value})
    return id


def _header(root: ET.Element, name: str) -> None:
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if not name:
        return
    suffix = name[name.rfind(".") :].lower()
    url = f"./{quote(name)}"
    ET.SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        {
            "MEDIA_URL": url,
            "MIME_TYPE": _MEDIA_TYPES.get(suffix, "unknown"),
            "RELATIVE_MEDIA_URL": url,
        },
    )
