"""Write meeting.json beside this file: the transcript of a meeting that nobody ever held.

It is there to try `stenograf minutes` on. Words and speakers are those of the lines below, as a
recognizer without errors would find them; a word takes a third of a second.

    python demo/make_meeting.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Turn, Word, speaker_id
from stenograf.export import to_json

HERE: Final = Path(__file__).parent
PEOPLE: Final = {"Anna": "chair", "Boris": None, "Clara": None}
WORD_S: Final = 0.34
PAUSE_S: Final = 0.8
LINES: Final = (
    ("Anna", "Good morning, everybody. Let's begin with the delivery to the Riverside school."),
    ("Boris", "The forty desks are ready, but the chairs are late. The paint shop lost a week."),
    ("Boris", "The school expects desks and chairs together on the tenth of March."),
    ("Anna", "Can we deliver the desks first and the chairs a week later?"),
    ("Clara", "The school will not like that. They have only one day to unload the truck."),
    ("Boris", "I talked to the paint shop yesterday. They can finish the chairs by the eighth."),
    ("Clara", "Then the truck can still leave on the ninth."),
    ("Anna", "So we agreed that desks and chairs go together on the ninth of March."),
    ("Anna", "Boris, please call the paint shop every morning until the chairs are here."),
    ("Boris", "I will do that. And I will send you the packing list by Friday."),
    ("Clara", "Who pays for the extra storage of the desks?"),
    ("Anna", "I do not know yet. We need to look into the contract with the school."),
    ("Anna", "Next, the website. Clara, how far is the new catalogue?"),
    ("Clara", "The catalogue has all the photographs now, but half of the prices are old."),
    ("Clara", "Customers order from the old price list and are angry about the invoice."),
    ("Boris", "Last month we had eleven complaints about wrong prices on the website."),
    ("Anna", "That is too many. Could we hide the prices until they are right?"),
    ("Clara", "A catalogue without prices sells nothing. The shop in Oxford tried it."),
    ("Boris", "The accountant has the new price list. It only has to be copied to the website."),
    ("Anna", "Clara, please update the prices on the website by Wednesday."),
    ("Clara", "All right. I will also write to the customers who complained."),
    ("Anna", "We decided to give these eleven customers a discount of five percent."),
    ("Boris", "Does the discount include the delivery?"),
    ("Anna", "Last point, the fair in Leeds in May. Do we want a stand there again?"),
    ("Clara", "Last year the stand cost three thousand pounds and brought us two schools."),
    ("Boris", "One of these schools is Riverside. That order alone paid for the stand."),
    ("Clara", "A smaller stand costs eighteen hundred, and it is close to the entrance."),
    ("Anna", "Let's take the smaller stand at the fair, then."),
    ("Anna", "Clara, can you book the stand before the end of the month?"),
    ("Clara", "Yes, I will book it tomorrow."),
    ("Boris", "We should bring one desk and one chair to the fair, so that people can sit down."),
    ("Anna", "Good idea. Thank you all, we meet again next Monday."),
)


def meeting() -> Transcript:
    """The transcript; who speaks twice in a row is one turn."""
    ids = {name: speaker_id(index) for index, name in enumerate(PEOPLE)}
    words: list[Word] = []
    turns: list[Turn] = []
    now = PAUSE_S
    for name, line in LINES:
        begin = now
        for text in line.split():
            span = Span(round(now, 3), round(now + WORD_S - 0.04, 3))
            words.append(Word(span, text, speaker=ids[name]))
            now += WORD_S
        if turns and turns[-1].speaker == ids[name]:
            begin = turns.pop().span.start
        turns.append(Turn(Span(round(begin, 3), words[-1].span.end), ids[name]))
        now += PAUSE_S
    return Transcript(
        recording=Recording("meeting.mp3", round(now, 3)),
        words=tuple(words),
        turns=tuple(turns),
        speakers=tuple(Speaker(ids[name], name, role) for name, role in PEOPLE.items()),
        language="en",
    )


if __name__ == "__main__":
    (HERE / "meeting.json").write_bytes(to_json(meeting()))
