"""Styles that only say how text looks: listed properties with plain values, nothing that names an address."""

import re
from typing import Final

PROPERTY: Final = re.compile(
    r"(?:background-color|border(?:-(?:top|right|bottom|left))?(?:-(?:width|style|color))?|border-collapse|"
    r"border-spacing|caption-side|clear|color|direction|display|empty-cells|float|font(?:-(?:family|size|style|"
    r"variant|weight))?|height|letter-spacing|line-height|list-style-type|margin(?:-(?:top|right|bottom|left))?|"
    r"max-width|min-width|padding(?:-(?:top|right|bottom|left))?|page-break-(?:before|after|inside)|text-align|"
    r"text-decoration|text-indent|text-transform|unicode-bidi|vertical-align|white-space|width|word-spacing)"
)
VALUE: Final = re.compile(r"(?:[\w\s.,%#'\"!+-]|rgba?\([\d\s.,%]*\))*")
"""No backslash, no other bracket, no colon, no slash: so no address, escape or function but a colour."""
SELECTOR: Final = re.compile(r"[\w\s.,#>*:+~-]+")
COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)


def harmless_declarations(text: str) -> str:
    """The harmless ones of `name: value; …`, in order."""
    kept = []
    for declaration in COMMENT.sub(" ", text).split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if PROPERTY.fullmatch(name.lower()) and value and VALUE.fullmatch(value):
            kept.append(f"{name.lower()}: {value}")
    return "; ".join(kept)


def harmless_sheet(text: str) -> str:
    """The harmless rules of a style sheet; rules within @media and the like count as its own, @import does not."""
    rules = []
    for rule in COMMENT.sub(" ", text).replace("<!--", "").replace("-->", "").split("}"):
        before, _, declarations = rule.rpartition("{")
        plain, kept = re.split("[{;]", before)[-1].strip(), harmless_declarations(declarations)
        if kept and SELECTOR.fullmatch(plain):
            rules.append(f"{plain} {{ {kept} }}")
    return "\n".join(rules)
