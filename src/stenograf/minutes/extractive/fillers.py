"""Words that tell no topic from another, besides those that the stop word lists hold."""

from __future__ import annotations

from typing import Final

_RUSSIAN: Final = """
короче типа блин вообще собственно значит слушай слушайте смотри смотрите давай давайте ага угу
окей ок ладно понятно видимо наверное кстати прям прямо штука вещь реально честно ээ эээ эм мм
ммм хм ой ох эх алло привет здравствуйте добрый доброе день утро вечер спасибо пожалуйста
свидания буквально примерно условно соответственно допустим например кажется думаю считаю знаю
понимаю говорю скажем сказать говорить знать думать понимать понять хотеть хочу хотим мочь можем
делать сделать сделаем делаем будем пойти идти взять нужно надо необходимо вопрос момент
какой-то такой-то чуть-чуть вроде пусть ребята коллеги господа супер отлично класс хорошо плохо
большой большая маленький новый новая нормально абсолютно давно слово слова часть раз случай
получается получиться сторона образ смысл посмотреть посмотрим посмотрите видеть видно вижу
метр рубль рублей процент тысяча тысяч миллион миллиард штук сто двести триста четыреста пятьсот
шестьсот семьсот восемьсот девятьсот тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят
девяносто половина год лет неделя месяц час минута понедельник вторник среда четверг пятница
суббота воскресенье
"""
_ENGLISH: Final = """
okay ok yeah yep yup nope um uh uhm hmm mm mhm huh oh ah wow hey hi hello bye gonna wanna gotta
kinda sorta lot lots bit stuff guys guy folks actually basically literally honestly really
pretty sort kind maybe anyway alright cool awesome sure guess mean talk talking talked happen
happening morning afternoon evening people person week weeks month months monday tuesday wednesday
thursday friday saturday sunday today tomorrow yesterday question questions don doesn didn ll ve
percent dollar dollars euro euros hundred thousand million billion twenty thirty forty fifty sixty
seventy eighty ninety half
"""
_SUBJECTS: Final = """
computer computers group groups home homepage index member members microsoft number numbers
order orders page pages problem problems research room rooms state states system test tests text
web webpage website website width world server invention effect value cases case state interest
"""

FILLERS: Final = frozenset((_RUSSIAN + _ENGLISH).split())
"""Russian and English; days and greetings too, which every meeting has."""

KEPT: Final = frozenset(_SUBJECTS.split())
"""What the English list holds though meetings are about it."""
