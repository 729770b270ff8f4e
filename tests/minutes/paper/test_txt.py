"""Minutes as plain text."""

from dataclasses import replace

from stenograf.minutes import render
from stenograf.testing.minutes import MEETING, SILENCE

WHOLE = """\
Планёрка отдела
===============

Minutes of a meeting

Date: 21 ноября 2026
Length: 01:03:20
Recording: планёрка 1.mp3

Participants
------------

- Анна Петрова
  Role: Начальник отдела; Spoke for: 00:35:00; Share of speech: 70 %
- Boris
  Spoke for: 00:15:00; Share of speech: 30 %

Summary
-------

Отдел готовит отгрузку. Доставка ещё не оплачена.

Decisions
---------

1. Отгрузить 500 штук до пятницы. [00:01:02, Анна Петрова]

Tasks
-----

1. Прислать накладные.
   Who: Boris; Until when: завтра; Where said: 00:01:10, Boris
2. Узнать цену доставки.
   Where said: 00:01:02, Анна Петрова; 01:02:05

Open questions
--------------

- Кто платит за доставку? [01:02:05]

Topics
------

00:00:00–00:30:00  Отгрузка

- Склад готов. [00:00:20, Boris]

00:30:00–01:03:20  Доставка

About the recording
-------------------

[!] Got 12.0 s. Again.

Checked by: ____________________  Date: ____________________

A draft, written on 2026-11-21 by the language model qwen3:14b and Stenograf 0.1.0 from a \
transcript: check it against the recording.
"""


def test_minutes_are_read_without_any_program() -> None:
    """Headings are underlined; each row of a table is an item whose cells have names."""
    assert render(MEETING, "txt", lang="en").decode() == WHOLE


def test_a_long_title_has_a_short_rule() -> None:
    """A line of a terminal has 80 columns, and a name may have thousands of letters."""
    lines = render(replace(SILENCE, title="a" * 5000), "txt").decode().splitlines()
    assert lines[1] == "=" * 72
