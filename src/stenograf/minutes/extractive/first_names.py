"""What people call each other: first names and their short forms."""

from __future__ import annotations

from functools import cache
from typing import Final

from stenograf.stems import stem

_FORMS: Final = """
александр саша саш саня шура
александра саша саш саня шура
алексей леша леш
алена лена лен
анастасия настя насть
анатолий толя толь
андрей андрюша андрюх
анна аня ань нюра
антон антоха тоша
борис боря борь
вадим вадик
валентина валя валь
валерий валера валер
василий вася вась
виктор витя вить
виктория вика вик
виталий виталик
владимир вова вов володя володь
владислав влад
вячеслав слава слав
галина галя галь
геннадий гена ген
георгий гоша жора
григорий гриша гриш
дарья даша даш
денис дениска
дмитрий дима дим митя
евгений женя жень
евгения женя жень
екатерина катя кать
елена лена лен
елизавета лиза лиз
иван ваня вань
ирина ира ир
кирилл кирюша
константин костя кость
ксения ксюша ксюш
людмила люда люд мила
маргарита рита рит
мария маша маш
михаил миша миш
надежда надя надь
наталья наташа наташ
николай коля коль
оксана ксана
олег олежка
ольга оля оль
павел паша паш
петр петя петь
полина поля
роман рома ром
светлана света свет
сергей сережа сереж серега серег
станислав стас
степан степа
татьяна таня тань
федор федя федь
юлия юля юль
юрий юра юр
яков яша
артем
богдан
вероника
егор
илья
инна
игорь
лариса
лев
марина
никита
нина
олеся
семен
тимур
эдуард
эльвира
ярослав
alexander alex
adam
alan
alice
amy
brian
carol
claire
emily
emma
eric
helen
henry
jack
jane
jason
john
julia
karen
kevin
laura
linda
lucy
maria
martin
mary
oliver
paul
rachel
sarah
simon
andrew andy
anthony tony
benjamin ben
catherine kate cathy
charles charlie
christopher chris
daniel dan danny
david dave
edward ed eddie
elizabeth liz beth
gregory greg
james jim jimmy
jennifer jen jenny
jonathan jon
joseph joe
katherine kate kathy
matthew matt
michael mike
nicholas nick
patricia pat
patrick pat
peter pete
rebecca becky
richard rick
robert bob rob
samuel sam
samantha sam
stephen steve
steven steve
susan sue
theodore ted
thomas tom
timothy tim
victoria vicky
william bill
zachary zach
"""
"""A full name and what its bearers are called, one name a line; е stands for ё."""


def short_forms(name: str) -> frozenset[str]:
    """The stems of the short forms of a name, given as a stem; none for a name nobody shortens.

    >>> sorted(short_forms(stem("Сергею")))
    ['серег', 'сереж']
    """
    return _by_stem().get(name, frozenset())


def full_name(name: str) -> str | None:
    """The full name with that stem; None where there is none, or more than one.

    >>> full_name(stem("Сергею")), full_name(stem("Александру")), full_name(stem("стол"))
    ('Сергей', None, None)
    """
    return _full().get(name)


@cache
def _by_stem() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for full, *short in _rows():
        found[stem(full)] = found.get(stem(full), frozenset()) | {stem(form) for form in short}
    return found


@cache
def _full() -> dict[str, str]:
    names = [full for full, *_ in _rows()]
    stems = [stem(name) for name in names]
    return {
        key: name.capitalize()
        for key, name in zip(stems, names, strict=True)
        if stems.count(key) == 1
    }


def _rows() -> list[list[str]]:
    return [line.split() for line in _FORMS.strip().splitlines()]
