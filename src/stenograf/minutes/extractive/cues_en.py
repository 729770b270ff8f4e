"""English cues, in the words of calls and meetings.

They are our own, tuned on half of tests/minutes/data/sentences.tsv and counted on the other half.
"""

from __future__ import annotations

from typing import Final

from stenograf.minutes.extractive.cues import Cues, any_of, filled

_WORK: Final = filled(r"""
(?:re)?send|forward|e-?mail|mail|share|post|upload|publish|present
prepare|draft|(?:re)?write|document|translate|print|scan|summari[sz]e|put together|compile
(?:double[- ]?)?check|verify|confirm|review|proofread|test|look (?:into|at|over)|find out
figure out
fix|repair|patch|debug|investigate|reproduce|solve|resolve
follow up|get back|reach out|call|phone|contact|ping|message|(?:talk|speak) (?:to|with)|meet with
(?:re)?schedule|book|reserve|order|buy|purchase|arrange|organi[sz]e|set up|plan
create|build|design|develop|implement|deploy|release|launch|ship|deliver|install|configure
update|upgrade|renew|revise|edit|correct|change|replace|rename|add|remove|delete|clean up|migrate
finish|complete|finali[sz]e|close|submit|file|sign|approve|pay|invoice|refund|transfer
calculate|estimate|measure|analy[sz]e|compare|collect|gather|research|evaluate|request
take (?:care|over|that|this|it|on|the|notes)|work (?:on|out)|handle|own|do (?:it|that|this|the)
assign|hire|recruit|interview|train|onboard|invite|involve|notify|inform|remind|negotiate
have (?:\w+ ){1,4}(?:ready|done|finished)
coordinate|register|propose|provide|pass (?:on|it|that)|hand over|report back|circle back
make (?:the|a|an|sure)|get (?:the|you|them|him|her|it|that|a|an|back|this|us)|bring|ask (?!you)
""")
_PLAN: Final = filled("""
schedule|book|set up|send|prepare|update|organi[sz]e|arrange|order|invite|renew|fix
follow up|reach out
""")
_CHECK: Final = filled("""
check (?:with|on|whether|if|that|the|our|my|this)|talk to|speak (?:to|with)|find out|look into
send|forward|e-?mail|get back|confirm|follow up|ask (?:my|our|the|around|<name>)|call
prepare|draft|write|put together|set up|work on|take (?:care|that|this|it)
""")
_ALSO: Final = filled("""
also|just|then|definitely|certainly|probably|personally|quickly|please|maybe|kindly|all|still
try to|try and|go ahead and|be able to|to|have to|need to|actually|immediately|really
""")
_PARTS: Final = {
    "work": _WORK,
    "also": rf"(?:\s(?:{_ALSO}))*\s",
    "plan": _PLAN,
    "check": _CHECK,
    "verb": r"[a-z]+",
    "i_will": filled("""
I'll|I will|I shall|I'm going to|I am going to|I'm gonna|I can|I promise to|I promise I'll|I must
I have to|I need to|I should|I've got to|I'm happy to|I'd be happy to|I'll try to|I could
"""),
    "will": filled("""
will|'ll|is going to|'s going to|is gonna|needs to|has to|should|must|is to|to|is supposed to
agreed to|promised to|offered to|volunteered to|can
"""),
    "you": r"(?:can|could|would|will) (?:you|someone|somebody|anyone|anybody|one of you)",
    "need": filled("""
(?<!n't )(?<!not )(?<!never )(?:need to|needs to|has to|have to|had better|must|should|ought to
gotta)
"""),
}

_NUMBER: Final = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|a few|a couple(?: of)?|several)"
_UNIT: Final = r"(?:minutes?|hours?|(?:business |working )?days?|weeks?|months?)"
_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH: Final = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_ORDINAL: Final = (
    r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
    r"|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth"
    r"|nineteenth|twentieth|thirtieth)"
)
_DATE: Final = filled(
    r"""
<month>(?: the)? (?:<th>|\d{1,2})(?:st|nd|rd|th)?|(?:<th>|\d{1,2}(?:st|nd|rd|th)?)(?: of)? <month>
\d{1,2}[./]\d{1,2}|\d{1,2}(?:st|nd|rd|th)|<th>|<month>|\d{1,2}(?::\d\d)? ?(?:am|pm|o'clock)?
""",
    month=_MONTH,
    th=_ORDINAL,
)
_DUE_PARTS: Final = {
    "day": rf"(?:next |this |coming )?{_DAY}(?: morning| afternoon| evening| night)?",
    "date": _DATE,
    "n": _NUMBER,
    "unit": _UNIT,
    "end": (
        r"(?:the )?(?:end|start|beginning|middle|close) of (?:the |this |next )?"
        r"(?:day|week|month|quarter|year|sprint|business|" + _MONTH + ")"
    ),
    "event": (
        r"(?:demo|call|meeting|release|launch|review|holidays?|weekend|deadline|lunch|event|sprint"
        r"|conference|audit|presentation|interview|training|vacation|workshop|trip|show|christmas)"
    ),
}

CUES: Final = Cues(
    decided=any_of(r"""
we(?:'ve| have)?(?: \w+ly| all| just)? (?:decided|agreed|settled|chosen|opted|resolved|voted)
(?:board|committee|management|team|client|everyone|we|we've|we have) (?:has |have )?(?:approved
accepted|rejected|signed off)
it(?:'s| is| was| has been|'s been)(?: now| all)? (?:settled|decided|agreed|resolved|approved
a deal)
(?:that's|that is|this is) (?:decided|settled|agreed|final|a deal|the decision)
the (?:final )?(?:decision|consensus|verdict|conclusion|agreement) (?:is|was) (?:to|that|we)
(?<![\w ] )(?:final decision|decision|deal|decided|approved|agreed)(?=[,:.!])
let's (?:just |\w+ly )?(?:go (?:ahead )?with|stick (?:with|to)|settle on|pick|choose|approve
postpone|delay|cancel|adopt|drop|freeze|launch|take the
keep (?!going|in mind|moving|it short|talking)\w+
move (?!on|forward|to the next|along|over)\w+|do (?:that|it) then
(?!see|start|go|talk|look|begin|move|continue)\w+ [^.?!]+ then(?=\W*$))
we(?:'re| are|'ll be) (?:going|sticking|staying|moving forward|moving ahead|proceeding
going ahead) with
we(?:'ll| will) (?:go|stick|stay|move forward|move ahead|proceed|go ahead) with
(?:reached|came to|(?:we've|have) come to) (?:an|a) (?:agreement|consensus|decision)
motion (?:passes|passed|carries|is carried)
(?:everyone|everybody|all)(?:'s| is| are)?(?: of us)? (?:in favou?r|agreed)
(?:we're|we are)(?: all)? agreed
"""),
    undecided=any_of(r"""
\w+n't|not|never|nobody|no one|yet to|if|unless|until|whether|once|when|before|might|may|maybe
could|would|perhaps|to|they|hard to|should
"""),
    narrated=any_of("""
last (?:year|month|spring|summer|fall|autumn|winter|time)|years? ago|months? ago|back (?:then|in)
at the time|usually|normally|typically|in the past|it was a mistake|agreed? to disagree
but (?:it|that|they|he|she|we) (?:didn't|never|failed)
"""),
    requested=any_of(
        r"""
<you><also><work>|would you mind
please(?:\s(?:also|just))? <work>|kindly <work>|don't forget to
(?:I|we)(?:'d like| want| need) you to
make sure(?! I| we're| you (?:know|understand))
""",
        **_PARTS,
    ),
    told=any_of(
        r"""
you(?:'ll| will|'re going to| are going to| need to| have to| should| must|'ve got to)<also><work>
(?<=, )<work>|(?<=: )<work>|(?<=\ue000 )<work>
""",
        **_PARTS,
    ),
    ordered=any_of("<work>", **_PARTS),
    named=any_of(
        r"""
<name>(?:'s)?(?: \w+)?,? ?<will><also><work>
(?:ask|have|get|let|assign|tell|want|need)(?: it)?(?: to)? <name>(?: <name>)?(?: to)?<also><work>
(?:assigned to|action item (?:for|on)|(?:is|that's|it's) (?:on|for|up to)|responsible is
owner is) <name>
<name>(?: <name>)? (?:owns|is responsible for|is in charge of|takes (?:over|care|on)|volunteered)
""",
        **_PARTS,
    ),
    promised=any_of(
        """
<i_will><also>(?!get started|take (?:the floor|it (?:from|that)|a look))<work>
let me<also>(?!share (?:my|the|your) screen)<check>
(?:leave|put) (?:it|that|this) (?:to|with|on) me|(?:that's|this is|it's) on me|on my to-?do list
""",
        **_PARTS,
    ),
    needed=any_of(
        r"""
(?:(?:it|this|that|we|you|they|somebody|someone|everybody|everyone|one of us|(?:the|our
your) \w+(?: \w+)?)(?:'ll| will| still| also| really)?) <need><also><work>
(?:has|have|needs|need|got) to be (?!said|careful|honest|fair|clear|able|ready|sure)(?:\w+(?:ed|en
wn|id)|done|made|sent|built|set|bought|brought)
must be (?!said|noted)(?:\w+ed|done|made|sent|paid)
need (?:\w+ ){1,5}?(?:signed|done|ready|fixed|finished|approved|reviewed|updated|delivered|sent
paid)
(?:we'll|we will|we're going to|we are going to)<also><work>
action items?|to[- ]?do(?=[,:])|next steps? (?:is|are|would be|will be) (?:to|that)
next step(?=[,:])
it(?:'s| is) (?:necessary|urgent|essential)(?: for us)? to|let's<also><plan>
""",
        **_PARTS,
    ),
    loose={
        "named": any_of("<name>(?: \\w+)?,? ?<will><also><verb>", **_PARTS),
        "promised": any_of("<i_will><also><verb>", **_PARTS),
        "needed": any_of("\\w+ <need><also><verb>", **_PARTS),
    },
    idle=any_of("""
(?:be|see|think|say|tell|know|understand|have|admit|guess|assume|remember|let|go|come|wait|love
like|want|miss|leave|never|not|probably|remain|stay|expect|hope|believe|feel|keep in mind|mention
explain|show)
"""),
    conditional=any_of(r"""
if you (?:like|want|wish|prefer|need|wanted)|if I (?:could|had)|you don't|nobody|\w+n't|who|why
(?:maybe|perhaps)(?=\W*$)
"""),
    due=(
        any_of(
            """
(?:by|before|until|till|no later than|not later than|due) (?:<end>|(?:the )?<event>
(?:the |next |this )?<day>|(?:the )?<date>|tomorrow(?: morning| afternoon| evening| night)?
tonight|today|noon|eod|eow|eom|cob|then|next (?:week|month|quarter|year)
(?:the )?(?:our |your )?(?:next )?<event>)
within (?:the )?(?:next )?<n> <unit>
""",
            **_DUE_PARTS,
        ),
        any_of(
            r"""
(?:first thing |later |early )?(?:tomorrow|today|tonight)(?: morning| afternoon| evening| night)?
(?:early |later |sometime )?(?:this|next) (?:week(?:end)?|month|quarter|year|morning|afternoon
evening|<day>)
on (?:the )?(?:<day>|<th>|<month> \d{1,2})|in <n> <unit>|(?:at )?<end>|over the weekend
(?:after|during) (?:the|our|your|this) (?:next )?<event>|as soon as possible|asap|right away
""",
            **_DUE_PARTS,
            th=_ORDINAL,
            month=_MONTH,
        ),
        any_of(_DAY),
    ),
    starts_question=any_of(r"""
(?:what|who|where|when|why|how|which|whose)(?:'s
're| is| are| was| were| do| does| did| can| could| will| would| should| have| has| happens| about)
how (?:much|many|long|often|far|soon|big|fast)|which \w+ (?:do|does|did|is|are|should|can|will)
what \w+ (?:do|does|did|is|are|should|can|will)
(?:do|does|did|is|are|was|were|can|could|will|would|should|have|has|may|shall) (?:I|you|we|they|he
she|it|there|this|that|the|our|your|anyone|anybody|someone|\ue000+)
"""),
    tag=any_of(r"""
(?<=[,.] )(?:right|okay|ok|yeah|no|huh|correct|all right|alright|sounds? good|is that (?:ok|okay
fine|right)
does that work
(?:is|are|do|does|did|was|were|won't|will|can|has|have|had)(?:n't)? (?:it|he|she|they|you|we|that
this))(?=\W*$)
"""),
    small=any_of(r"""
(?:hear|see) (?:me|us|my|the screen|it|that now)|audible|(?:on|un)?-?mute(?:d)?
(?:my|the|your) (?:mic|microphone|camera|screen|audio|sound|video)
is this (?:on|thing)|(?:is it|are we|is this) (?:recording|live|recorded)
are (?:you|we) (?:still )?(?:there|here|ready|good|done|clear|okay|ok)|(?:lost|losing) you
freez\w+|frozen|cut(?:ting)? out
how (?:are|have) (?:you|things|we|everyone)(?! (?:going to|planning|doing (?:it|this|that)))
how(?:'s| is) (?:it going|everything|everyone|life|the weather|your day)|how (?:was|were) your
how do you do|what's (?:up|new|wrong)|nice to meet
who (?:knows|cares|am I kidding)|why not|you know(?: what)?|know what I mean|what a|what was I
what can I say|guess what|where was I
(?:make|makes) sense|ask you (?:something|a question|this)|any(?: other| more)? questions|shall we
is that (?:ok|okay|clear|fine|right|all|it)|what else|what do you mean|excuse me|sorry|really
(?:say|repeat) (?:that|it)(?: again)?|can you repeat|how about (?:you|that)|what about you
with me so far|you see|remember
(?<=[, ])(?:right|okay|ok|yeah|no|huh|correct|isn't it|isn't he|aren't they|aren't you|don't you
don't we|doesn't it|won't you|didn't we|didn't you|haven't we|all right)(?=\W*$)
is (?:now|this) a good time|do you have a (?:minute|moment|second)|may I
can I (?:ask|say|add|interrupt|just)
"""),
    open=any_of("""
open question
(?:still|remains|it's|it is) (?:unclear|not clear|undecided|unresolved|unknown|an open)
(?:don't|do not|doesn't|does not) (?:yet |really )?know(?: yet)?,? (?:who|what|when|where|how
whether|why|which)
to be decided
(?:remains|yet) to be (?:seen|decided|clarified)
(?:need|have) to (?:figure out|find out|decide|clarify) (?:who|what|when|where|how|whether|if|why
which)
"""),
    evasive=any_of("""
(?:don't|do not|doesn't|does not) (?:really )?know|not sure|no idea
let me (?:check|find|ask|think)
(?:I'll|I will|we'll|have to|need to) (?:check|find out|ask|think|see|clarify|look)
get back to|good question|hard to say|it depends|to be decided
haven't (?:decided|thought|discussed)|come back to|not yet|nobody knows|we'll see
(?:can't|cannot|can not) (?:say|tell)
(?:last|next|another) (?:point|topic|item|question|thing)|next(?=,)|mov(?:e|ing) on
"""),
    plain=any_of(r"""
yes|yeah|yep|yup|no|nope|sure|of course|exactly|correct|absolutely|definitely|it is|it does|it was
we (?:do|can|will|are)|I (?:do|can|will|am)|never|always|\d+\w*|none
one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|hundred|thousand
million|monday|tuesday|wednesday|thursday|friday|tomorrow|today|tonight|because
"""),
    courtesy=any_of("""
good (?:morning|afternoon|evening|day|night)|hello|hi|hey|thanks|thank you|bye|goodbye|see you
nice to (?:meet|see)|welcome|my name is|sorry|excuse me|have a (?:good|great|nice)
(?:next|this) slide|share my screen|let's (?:get started|begin|start|see|move on)
"""),
    lead=any_of("""
so|and|but|okay|ok|well|um|uh|yeah|right|all right|alright|now|then|great|good|fine|hey|hi|hello
sure|yes|no|also|oh|please|thanks|look|listen
"""),
)
