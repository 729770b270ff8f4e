"""Keep the catalogue of translations in step with the code.

    python -m tools.messages            add new messages to each .po, drop lost ones, compile .mo
    python -m tools.messages --check    only say what is missing; exit status 1 when anything is

A message is the text given to an error, a notice or `translate`, the hint of an error class, or a
help text of the command line. Only literals can be found, so only literals are allowed there.
"""

from __future__ import annotations

import ast
import inspect
import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from stenograf.core.distribution import INSTALL_EXTRA
from stenograf.core.errors import error_types
from stenograf.messages import DOMAIN, LOCALE

SOURCE: Final = Path(__file__).parent.parent / "src" / "stenograf"
LANGUAGES: Final = ("ru",)
ERRORS: Final = frozenset(kind.__name__ for kind in error_types())
CLICK: Final = (
    "%(prog)s, version %(version)s",
    "Commands",
    "Error: {message}",
    "Invalid value for {param_hint}: {message}",
    "Invalid value: {message}",
    "Missing argument",
    "Missing command.",
    "Missing option",
    "No such command {name!r}.",
    "No such option {name!r}.",
    "Option {name!r} does not take a value.",
    "Options",
    "Show the version and exit.",
    "Show this message and exit.",
    "Try '{command} {option}' for help.",
    "Usage:",
    "default: {default}",
    "required",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a directory.",
    "{name} {filename!r} is a file.",
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
)
"""What click itself says; it asks gettext for these."""
SHARED: Final = {"INSTALL_EXTRA": INSTALL_EXTRA}
"""Texts that several files take from one place."""
CLICK_DECORATORS: Final = frozenset({"command", "group"})


class Found(NamedTuple):
    """One text in the code; `text` is None where it is not a literal."""

    file: str
    line: int
    text: str | None


def messages() -> dict[str, set[str]]:
    """Every text to translate, with the files it stands in."""
    places: dict[str, set[str]] = {text: {"click"} for text in CLICK}
    for found in _all():
        if found.text:
            places.setdefault(found.text, set()).add(found.file)
    return places


def not_literal() -> list[str]:
    """Places where a text is put together by the code, so that nobody can translate it."""
    return [f"{found.file}:{found.line}" for found in _all() if found.text is None]


def placeholders(template: str) -> set[str]:
    """Names inside the braces of a template.

    >>> sorted(placeholders("{path}, line {line:d}"))
    ['line', 'path']
    """
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def catalogue(lang: str) -> Catalog:
    """The translations as people edit them."""
    path = po_path(lang)
    if not path.exists():
        return _empty(lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang, domain=DOMAIN)


def complaints(lang: str) -> list[str]:
    """What is wrong with a catalogue, one sentence each."""
    known = {str(entry.id): str(entry.string) for entry in catalogue(lang) if entry.id}
    wanted = messages()
    wrong = [f"no translation of {text!r}" for text in wanted if not known.get(text)]
    wrong += [f"no longer in the code: {text!r}" for text in known if text not in wanted]
    wrong += [f"the text at {place} is not a literal" for place in not_literal()]
    return wrong


def update(lang: str) -> None:
    """Write the .po with exactly the texts of the code, and compile it."""
    old, new = catalogue(lang), _empty(lang)
    for text, files in sorted(messages().items(), key=lambda item: (min(item[1]), item[0])):
        entry = old.get(text)
        translation = str(entry.string) if entry else ""
        new.add(text, translation, locations=[(file, 0) for file in sorted(files)])
    new.creation_date = new.revision_date = old.creation_date
    po_path(lang).parent.mkdir(parents=True, exist_ok=True)
    with po_path(lang).open("wb") as file:
        write_po(file, new, width=100, include_lineno=False)
    mo_path(lang).write_bytes(compiled(lang))


def compiled(lang: str) -> bytes:
    """The .mo that belongs to the .po as it stands."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue(lang))
    return buffer.getvalue()


def _empty(lang: str) -> Catalog:
    return Catalog(
        locale=lang,
        domain=DOMAIN,
        project="Stenograf",
        version="1",
        copyright_holder="Stenograf developers",
        msgid_bugs_address="none",
        last_translator="Stenograf developers",
        language_team=lang,
        header_comment="# The messages of Stenograf; kept by `python -m tools.messages`.",
        fuzzy=False,
    )


def po_path(lang: str) -> Path:
    """The file that translators edit."""
    return LOCALE / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def mo_path(lang: str) -> Path:
    """The file that the program reads."""
    return po_path(lang).with_suffix(".mo")


def _all() -> Iterator[Found]:
    for path in sorted(SOURCE.rglob("*.py")):
        file = path.relative_to(SOURCE).as_posix()
        if not file.startswith("testing/"):  # fakes speak to programmers
            yield from find(path.read_text(encoding="utf-8"), file)


def find(code: str, file: str) -> Iterator[Found]:
    """Texts of one module.

    >>> [found.text for found in find('AudioError("No.", hint="Go.")', "a.py")]
    ['No.', 'Go.']
    """
    tree = ast.parse(code)
    constants = SHARED | _constants(tree)
    for node in ast.walk(tree):
        for text in _texts(node, in_cli=file.startswith("cli/")):
            for literal in _literals(text, constants):
                yield Found(file, text.lineno, literal)


def _texts(node: ast.AST, *, in_cli: bool) -> Iterator[ast.expr]:
    match node:
        case ast.Call():
            yield from _call_texts(node, in_cli=in_cli)
        case ast.ClassDef() if node.name.endswith("Error"):
            yield from _class_hints(node)
        case ast.FunctionDef() if in_cli and any(map(_is_click, node.decorator_list)):
            docstring = ast.get_docstring(node)
            if docstring:
                yield ast.copy_location(ast.Constant(docstring), node)


def _call_texts(call: ast.Call, *, in_cli: bool) -> Iterator[ast.expr]:
    name = _name(call.func)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in ERRORS:
        yield from call.args[:1]
        yield from _present(keywords, "message", "hint")
    elif name in {"translate", "later"}:
        yield from (text for text in call.args[:1] if isinstance(text, ast.Constant))
    elif name in {"Notice", "NoticeKind"}:
        yield from call.args[1:3]
        yield from _present(keywords, "message", "hint")
    elif name == "Format":
        yield from call.args[3:4]
    elif in_cli and name == "_Lazy":
        yield from call.args[1:2]
    elif in_cli and name in {"option", "command", "group", "version_option"}:
        yield from _present(keywords, "help", "short_help", "epilog")


def _present(keywords: dict[str | None, ast.expr], *names: str) -> Iterator[ast.expr]:
    yield from (keywords[name] for name in names if name in keywords)


def _class_hints(node: ast.ClassDef) -> Iterator[ast.expr]:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="hint")], value=value):
                yield value
            case ast.AnnAssign(target=ast.Name(id="hint"), value=ast.expr() as value):
                yield value


def _is_click(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _name(target) in CLICK_DECORATORS


def _literals(node: ast.expr, constants: dict[str, str]) -> list[str | None]:
    """The texts an expression may give; None stands for one that only the run decides."""
    match node:
        case ast.Constant(value=str() as text):
            return [inspect.cleandoc(text)]
        # An attribute is handed on from an error or a notice, where it was found already.
        case ast.Constant(value=None) | ast.Attribute(attr="message" | "hint" | "advice"):
            return []
        case ast.IfExp():
            return _literals(node.body, constants) + _literals(node.orelse, constants)
        case ast.Name(id=name) if name in constants:
            return [constants[name]]
        case ast.BoolOp(values=values):
            return [text for value in values for text in _literals(value, constants)]
        case _:
            return [None]


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
                found[name] = text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str() as text)):
                found[name] = text
    return found


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def main(arguments: list[str]) -> int:
    """Run as a command; returns the exit status."""
    if "--check" not in arguments:
        for lang in LANGUAGES:
            update(lang)
    wrong = [f"{lang}: {text}" for lang in LANGUAGES for text in complaints(lang)]
    print("\n".join(wrong) or "The catalogues are complete.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
