"""A lint: what signers read is marked for translation, in templates and in Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes

from paraph.kit.http.endpoints import WebEndpoint
from paraph.kit.templates import template_environment
from paraph.main import WEB

PACKAGE = Path(__file__).parents[2] / "paraph"
FOR_OPERATORS = {"signing/reports.html", "signing/handle_report.py"}
TEMPLATES = sorted(
    name
    for name in template_environment().list_templates()
    if name.endswith(".html")
    and (
        name.startswith("signing/")
        or name in ("web/mail.html", "web/languages.html", "web/error.html", "web/verify.html")
    )
    and name not in FOR_OPERATORS
)
READ_ATTRIBUTES = re.compile(r"alt|title|placeholder|label|aria-(?:label|description|valuetext)|data-.*")
MARKERS = {"_", "gettext", "ngettext", "pgettext", "npgettext", "N_"}
SAYING = {"NotYet", "Problem", "Notice", "Question", "Way", "Unusable", "Conflict", "NotFound", "Deleted", "Gone"}
SAYING |= {"TooManyRequests", "Forbidden", "ParaphError", "BadRequest", "AccessRefused"}
NOT_WORDS = re.compile(r"Paraph|SHA-256|PDF|[\w-]+=\"[^\"]*\"")
"""What is called the same in every language, and attributes that a macro returns."""
UNSEEN_BLOCKS = {"width", "title_suffix"}
"""Blocks that hold a class or the product's name."""
VALUE = " \ue000 "
"""Stands for the value of an expression; with blanks, because it may be a whole attribute."""


class _Texts(HTMLParser):
    """Collects what people read; expressions were replaced by a private character before."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            text = (value or "").replace(VALUE, "\ue000")
            if READ_ATTRIBUTES.fullmatch(name) and (not name.startswith("data-") or " " in text.strip()):
                self.found.append(text)


def bare_words(source: str) -> list[str]:
    """The words of a template that stand outside every translation."""
    tree = template_environment().parse(source)
    text = "".join(_pieces(tree)).replace(f"<{VALUE}", "<any ").replace(f"</{VALUE}", "</any ")
    texts = _Texts()
    texts.feed(text)
    texts.close()
    found = (*texts.found, *_sentences_in_expressions(tree))
    literal = (" ".join(NOT_WORDS.sub("", each).replace("\ue000", " ").split()) for each in found)
    return [words for words in literal if re.search(r"[^\W\d_]", words)]


def _pieces(node: nodes.Node) -> Iterator[str]:
    """The template's own text in order, ``VALUE`` for every expression."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(child, nodes.Expr):
            yield VALUE
        elif not (isinstance(child, nodes.Block) and child.name in UNSEEN_BLOCKS):
            yield from _pieces(child)


def _sentences_in_expressions(tree: nodes.Node) -> Iterator[str]:
    """Literals in expressions that look like words for people, not like classes or attributes."""
    marked = {
        id(each) for call in tree.find_all(nodes.Call) if _is_marker(call) for each in call.find_all(nodes.Const)
    }
    for output in tree.find_all(nodes.Output):
        for literal in output.find_all(nodes.Const):
            if id(literal) not in marked and isinstance(literal.value, str) and _is_sentence(literal.value):
                yield literal.value


def _is_marker(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in MARKERS


def _is_sentence(text: str) -> bool:
    """Attributes (`` hidden data-x``) and sizes (``0 16px``) are no sentences; a capital or a full stop makes one."""
    return bool(re.search(r"(^|\s)[A-Z][a-z]+", text) or re.search(r"[a-z]\w*[.?!…:](\s|$)", text))


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_for_signers_hold_no_bare_words(name: str) -> None:
    room, _, file = name.partition("/")
    assert bare_words((PACKAGE / room / "pages" / file).read_text()) == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ("<p>{{ _('Hello there') }} <b>{% trans %}friend{% endtrans %}</b>, {{ name }}!</p>", []),
        ('<img alt="A page" class="wide paper">', ["A page"]),
        ('<img alt="{{ _("A page") }}" data-kind="wide">', []),
        ('<div data-full="The box is full."></div>', ["The box is full."]),
        (
            '<p{{ " hidden data-x" if a }} class="{{ "is-done" if b }}">{{ "Please check: " if c }}</p>',
            ["Please check:"],
        ),
        ("{% if a %}<b>{% for x in y %}word{% endfor %}</b>{% endif %}", ["word"]),
        ("<p>{{ count }} / {{ total }} · SHA-256 {{ hash }}</p>", []),
        ("{% macro m(a) %}<p>{{ a }} inside</p>{% endmacro %}", ["inside"]),
    ],
)
def test_the_lint_finds_bare_words(template: str, found: list[str]) -> None:
    assert bare_words(template) == found


def unmarked(source: str) -> list[str]:
    """What Python tells signers in words that are not marked: arguments of failures, notices and questions."""
    tree = ast.parse(source)
    unseen = {id(part) for page in ast.walk(tree) if _is_for_operators(page) for part in ast.walk(page)}
    found: list[str] = []
    for call in ast.walk(tree):
        if (
            id(call) in unseen
            or not isinstance(call, ast.Call)
            or not isinstance(call.func, ast.Name)
            or call.func.id not in SAYING
        ):
            continue
        told = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in ("detail", "name"))]
        found.extend(text for argument in told for text in _literals(argument))
    return found


def _is_for_operators(node: ast.AST) -> bool:
    """Whether it answers an address that is declared for operators: their words are English."""
    declared = getattr(node, "decorator_list", ())
    return any(
        keyword.arg == "operator" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for call in declared
        if isinstance(call, ast.Call)
        for keyword in call.keywords
    )


def _literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        if any(isinstance(part, ast.Constant) and " " in part.value.strip() for part in node.values):
            yield ast.unparse(node)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


SPOKEN = [
    path
    for path in (*sorted(PACKAGE.glob("signing/**/*.py")), PACKAGE / "signature_requests" / "signer_view.py")
    if path.relative_to(PACKAGE).as_posix() not in FOR_OPERATORS
]


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_python_tells_signers_only_what_is_marked(path: Path) -> None:
    assert unmarked(path.read_text()) == []


def test_the_lint_finds_unmarked_sentences() -> None:
    assert unmarked('raise NotYet("sign", "Make it first.")') == ["Make it first."]
    assert unmarked('raise NotYet("sign", _("Make it first."))') == []
    assert unmarked('NotFound(f"There is no {x}.")') == ["f'There is no {x}.'"]
    assert unmarked('Way(_("On"), f"{base}/final.pdf")') == []
    assert unmarked('ParaphError(_("No."), detail="for the log only")') == []
    assert unmarked('@form("/x", operator=True)\ndef f():\n    raise NotFound("Not there.")') == []
    assert unmarked('@form("/x", translated=True)\ndef f():\n    raise NotFound("Not there.")') == ["Not there."]
    assert unmarked('@form("/x", operator=False)\ndef f():\n    raise NotFound("Not there.")') == ["Not there."]


LETTERS = sorted((PACKAGE / "signature_requests" / "letters").glob("*.py"))


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.name)
def test_letters_hold_only_marked_sentences(path: Path) -> None:
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)
    }
    marked = {
        id(literal)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MARKERS
        for literal in ast.walk(call)
    }
    bare = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()
        if id(node) not in prose and id(node) not in marked
    ]
    assert bare == []


def test_every_address_for_signers_speaks_their_language() -> None:
    declared = [value for module in WEB for value in vars(module).values() if isinstance(value, WebEndpoint)]
    silent = [
        f"{each.method} {each.path}" for each in declared if each.path.startswith("/sign/") and not each.translated
    ]
    assert silent == []


def test_scripts_of_the_signing_pages_hold_no_words() -> None:
    for path in PACKAGE.glob("signing/static/**/*.js"):
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.S)
        for literal in re.findall(r'"([^"\n]*)"', code):
            assert not re.search(r"[A-Z][a-z]+ [a-z]+.*[.?!]$", literal), f"{path.name}: {literal}"


@pytest.mark.parametrize("name", TEMPLATES)
def test_plurals_name_what_they_count(name: str) -> None:
    """Without a name ``{% pluralize %}`` counts whatever variable comes first, a title even."""
    room, _, file = name.partition("/")
    tree = template_environment().parse((PACKAGE / room / "pages" / file).read_text())
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "ngettext":
            assert any(named.key == "count" and named.value == call.args[2] for named in call.kwargs)
