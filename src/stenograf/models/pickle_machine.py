"""A pickle reader that can build data and nothing else: it imports no name and calls no function.

`pickletools.genops` splits the stream into opcodes; the machine below gives each of the few that
data needs its meaning. What a stream names (`module.name`) is looked up in a table of the caller.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, TypeAlias

MAX_BYTES: Final = 64 << 20  # a large-v3 checkpoint's pickle has 0.2 MB
MAX_OPCODES: Final = 4_000_000

Build: TypeAlias = Callable[..., Any]


class RefusedPickleError(ValueError):
    """The stream asks for more than data; the message is the reason."""


@dataclass(slots=True)
class Inert:
    """Stands where a named object would be: remembers what was given and does nothing."""

    kind: str
    args: tuple[Any, ...] = ()
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Inert things may be keys, as enumerations are."""
        return id(self)


@dataclass(frozen=True, slots=True)
class _Name:
    """A `module.name` of the table, not yet applied to arguments."""

    full: str
    build: Build


_MARK: Final = object()
_KEYS: Final = (str, bytes, int, float, bool, type(None), Inert)

_ATOMS: Final[dict[str, Any]] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS: Final = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    }
)
_SILENT: Final = frozenset({"PROTO", "FRAME"})


def read_pickle(
    stream: IO[bytes],
    *,
    names: Mapping[str, Build],
    persistent: Callable[[Any], Any],
) -> Any:
    """The object at the stream's position; the stream then stands right behind it.

    `names` maps `module.name` to what stands for it; `persistent` resolves persistent ids.
    Raises RefusedPickleError for everything that is not plain data built from `names`.
    """
    machine = _Machine(names, persistent)
    try:
        return machine.run(_Limited(stream))
    except RefusedPickleError:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise RefusedPickleError(f"its pickle is malformed ({fault})") from fault


class _Limited:
    """A stream that ends, for pickletools, after MAX_BYTES."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_BYTES

    def read(self, n: int) -> bytes:
        self._spend(n)
        return self._stream.read(n)

    def readline(self) -> bytes:
        line = self._stream.readline(self._left + 1)
        self._spend(len(line))
        return line

    def tell(self) -> int:
        return self._stream.tell()

    def _spend(self, n: int) -> None:
        self._left -= n
        if self._left < 0:
            raise RefusedPickleError(f"its pickle is larger than {MAX_BYTES >> 20} MB")


class _Machine:
    def __init__(self, names: Mapping[str, Build], persistent: Callable[[Any], Any]) -> None:
        self._names = names
        self._persistent = persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, stream: _Limited) -> Any:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):  # type: ignore[arg-type]
            if count > MAX_OPCODES:
                raise RefusedPickleError(f"its pickle has more than {MAX_OPCODES} steps")
            self._step(opcode.name, argument)
        (result,) = self._stack  # STOP leaves the object that is returned
        return result

    def _step(self, name: str, argument: Any) -> None:
        if name in _LITERALS:
            self._stack.append(argument)
        elif name in _ATOMS:
            self._stack.append(_ATOMS[name])
        elif name in _SILENT or name == "STOP":
            return
        else:
            step = _STEPS.get(name)
            if step is None:
                raise RefusedPickleError(f"its pickle uses the opcode {name}")
            step(self, argument)

    def _pop_to_mark(self) -> list[Any]:
        for position in range(len(self._stack) - 1, -1, -1):
            if self._stack[position] is _MARK:
                above = self._stack[position + 1 :]
                del self._stack[position:]
                return above
        raise RefusedPickleError("its pickle is malformed (no mark)")

    def _mark(self, _: Any) -> None:
        self._stack.append(_MARK)

    def _tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def _short_tuple(self, n: int) -> None:
        if len(self._stack) < n:
            raise RefusedPickleError("its pickle is malformed (stack too short)")
        items = tuple(self._stack[len(self._stack) - n :])
        del self._stack[len(self._stack) - n :]
        self._stack.append(items)

    def _list(self, _: Any) -> None:
        self._stack.append(self._pop_to_mark())

    def _dict(self, _: Any) -> None:
        items = self._pop_to_mark()
        self._stack.append({})
        self._fill(items)

    def _append(self, _: Any) -> None:
        item = self._stack.pop()
        self._extend([item])

    def _appends(self, _: Any) -> None:
        self._extend(self._pop_to_mark())

    def _extend(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, Inert):
            return
        if not isinstance(target, list | set):
            raise RefusedPickleError("its pickle appends to what is no list")
        if isinstance(target, list):
            target.extend(items)

    def _set_item(self, _: Any) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._fill([key, value])

    def _set_items(self, _: Any) -> None:
        self._fill(self._pop_to_mark())

    def _fill(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, Inert):
            target = target.items
        if not isinstance(target, dict) or len(items) % 2:
            raise RefusedPickleError("its pickle sets items of what is no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, _KEYS):  # a deeply nested tuple's hash would exhaust the C stack
                raise RefusedPickleError("its pickle uses a container as a dictionary's key")
            target[key] = value

    def _put(self, index: int) -> None:
        self._memo[index] = self._stack[-1]

    def _memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _get(self, index: int) -> None:
        self._stack.append(self._memo[index])

    def _pop(self, _: Any) -> None:
        self._stack.pop()

    def _global(self, argument: str) -> None:
        self._push_name(".".join(argument.split(" ", 1)))

    def _stack_global(self, _: Any) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._push_name(f"{module}.{name}")

    def _push_name(self, full: str) -> None:
        if full not in self._names:
            raise RefusedPickleError(
                f"it names {full[:80]}, which is not on the list of safe names"
            )
        self._stack.append(_Name(full, self._names[full]))

    def _apply(self, _: Any) -> None:
        args, name = self._stack.pop(), self._stack.pop()
        if not isinstance(name, _Name) or not isinstance(args, tuple):
            raise RefusedPickleError("its pickle calls what is no name of the list")
        self._stack.append(name.build(*args))

    def _build(self, _: Any) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if isinstance(target, Inert):
            target.state = state
        elif not isinstance(target, dict):  # an OrderedDict's attributes (`_metadata`) are dropped
            raise RefusedPickleError("its pickle sets attributes of what is no inert object")

    def _persist(self, _: Any) -> None:
        self._stack.append(self._persistent(self._stack.pop()))


_STEPS: Final[dict[str, Callable[[_Machine, Any], None]]] = {
    "MARK": _Machine._mark,
    "EMPTY_TUPLE": lambda machine, _: machine._short_tuple(0),
    "TUPLE1": lambda machine, _: machine._short_tuple(1),
    "TUPLE2": lambda machine, _: machine._short_tuple(2),
    "TUPLE3": lambda machine, _: machine._short_tuple(3),
    "TUPLE": _Machine._tuple,
    "EMPTY_LIST": lambda machine, _: machine._stack.append([]),
    "LIST": _Machine._list,
    "APPEND": _Machine._append,
    "APPENDS": _Machine._appends,
    "EMPTY_DICT": lambda machine, _: machine._stack.append({}),
    "DICT": _Machine._dict,
    "SETITEM": _Machine._set_item,
    "SETITEMS": _Machine._set_items,
    "PUT": _Machine._put,
    "BINPUT": _Machine._put,
    "LONG_BINPUT": _Machine._put,
    "MEMOIZE": _Machine._memoize,
    "GET": _Machine._get,
    "BINGET": _Machine._get,
    "LONG_BINGET": _Machine._get,
    "POP": _Machine._pop,
    "GLOBAL": _Machine._global,
    "STACK_GLOBAL": _Machine._stack_global,
    "REDUCE": _Machine._apply,
    "NEWOBJ": _Machine._apply,
    "BUILD": _Machine._build,
    "BINPERSID": _Machine._persist,
}
