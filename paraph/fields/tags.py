"""Text tags: fields written into the text of a document (behaviour sheet, F.4, and the vendor's help pages). Pure.

    [type|req|signerN|label|unique id|validation|autofill]
    [def:$name|type|req1|signerN|label|unique id]   and then   [$name]   wherever such a field is wanted

Slots may be empty. The type is text, check, date, initial, sig, text-merge or checkbox-merge. The second slot is req
or noreq, and req when it is not understood; for checkboxes it may be the rule of a group. What only looks like a tag
(``[yes|no]``) is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, get_args

from .shapes import MERGE_KINDS, AutoFill, FieldGroup, FieldKind, FormField, Requirement, ValidationType

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

KINDS: Final[dict[str, FieldKind]] = {
    "text": "text",
    "check": "checkbox",
    "date": "date_signed",
    "initial": "initials",
    "sig": "signature",
    "text-merge": "text-merge",
    "checkbox-merge": "checkbox-merge",
}
SENDER: Final = "sender"
MOST_SLOTS: Final = 7
LARGEST_SHOWN: Final = 60
LONGEST_ID: Final = 200

_SIGNER: Final = re.compile(r"signer\s*(\d{1,4})", re.ASCII | re.IGNORECASE)
_SIGNER_LIKE: Final = re.compile(r"signer.{0,20}|sender", re.IGNORECASE)
_COUNTS: Final = re.compile(r"req(\d{1,3})(?:-(\d{1,3}))?", re.ASCII | re.IGNORECASE)
_DEFINITION: Final = re.compile(r"def\s*:\s*\$(.+)", re.IGNORECASE | re.DOTALL)
_VALIDATIONS: Final[dict[str, ValidationType]] = {name: name for name in get_args(ValidationType)}
_AUTO_FILLS: Final[dict[str, AutoFill]] = {name.lower(): name for name in get_args(AutoFill)}
_GROUP_RULES: Final[dict[str, Requirement]] = {name: name for name in get_args(Requirement)}


class BadTag(ValueError):
    """A text that means to be a tag and is not; ``sentence`` says why, for the sender."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as written. ``signer`` counts from 0, None is the sender; ``definition`` is the name that a ``def:``
    gives; ``rule`` that of the group of checkboxes it belongs to."""

    kind: FieldKind
    required: bool
    signer: int | None
    label: str = ""
    unique_id: str = ""
    validation: ValidationType | None = None
    auto_fill: AutoFill | None = None
    rule: Requirement | None = None
    definition: str = ""


@dataclass(frozen=True, slots=True)
class TagCall:
    """``[$name]``: one more field as its definition says."""

    name: str


@dataclass(frozen=True, slots=True)
class TaggedField:
    """A field, and which of the given texts stands where it goes."""

    text: int
    field: FormField


@dataclass(frozen=True, slots=True)
class TagProblem:
    """What is wrong with one of the texts, for the sender."""

    text: int
    sentence: str


@dataclass(frozen=True, slots=True)
class TagReading:
    """All tags of a request. ``texts`` are those of the given texts that are tags, with or without a field or a
    problem: what is hidden when tags are."""

    fields: tuple[TaggedField, ...] = ()
    groups: tuple[FieldGroup, ...] = ()
    problems: tuple[TagProblem, ...] = ()
    texts: tuple[int, ...] = ()


def parse_tag(text: str) -> Tag | TagCall | None:
    """What a text in square brackets says, or None for one that is no tag. Raises BadTag, and nothing else."""
    slots = [" ".join(slot.split()) for slot in text.strip().removeprefix("[").removesuffix("]").split("|")]
    if len(slots) == 1:
        return TagCall(slots[0][1:].strip()) if re.fullmatch(r"\$.*\S", slots[0]) else None
    found = _DEFINITION.fullmatch(slots[0])
    definition = found[1].strip() if found else ""
    if found:
        slots = slots[1:]
    if not found and not _means_to_be_a_tag(slots):
        return None
    return _tag(text, slots, definition)


def read_tags(texts: Sequence[str], *, signers: int, taken: Collection[str] = ()) -> TagReading:
    """The fields that these texts (of all documents, in order) ask for. ``taken`` are ids that other fields have.

    A field without an id of its own gets one. A tag that names an unknown signer gives a problem and no field; one
    whose id is used already gives a problem and a field with another id. Never raises."""
    return _Reader(texts, signers, set(taken)).reading()


def _means_to_be_a_tag(slots: Sequence[str]) -> bool:
    """A known type with a sensible second slot, or somebody in the third."""
    known = slots[0].lower() in KINDS
    somebody = len(slots) > 2 and _SIGNER_LIKE.fullmatch(slots[2]) is not None
    return somebody or (known and (slots[1].lower() in ("req", "noreq") or _rule(slots[1]) is not None))


def _tag(text: str, slots: list[str], definition: str) -> Tag:
    if len(slots) > MOST_SLOTS:
        raise BadTag(f"The text tag {_shown(text)} has more than {MOST_SLOTS} parts.")
    kind_word, need, who, label, unique_id, validation, auto_fill = [*slots, *[""] * (MOST_SLOTS - len(slots))]
    kind = KINDS.get(kind_word.lower())
    if kind is None:
        raise BadTag(f"The text tag {_shown(text)} has an unknown type. Use one of {', '.join(KINDS)}.")
    if len(unique_id) > LONGEST_ID:
        raise BadTag(f"The text tag {_shown(text)} has an id of more than {LONGEST_ID} characters.")
    rule = _rule(need) if kind == "checkbox" else None
    return Tag(
        kind=kind,
        required=need.lower() != "noreq" and rule is None,
        signer=_signer(text, kind, who),
        label=label,
        unique_id=unique_id,
        validation=_validation(text, validation) if kind == "text" else None,
        auto_fill=_auto_fill(text, auto_fill) if kind == "text" else None,
        rule=rule,
        definition=definition,
    )


def _signer(text: str, kind: FieldKind, who: str) -> int | None:
    if who.lower() == SENDER:
        if kind not in MERGE_KINDS:
            raise BadTag(f"The text tag {_shown(text)} must name a signer: only merge fields belong to the sender.")
        return None
    found = _SIGNER.fullmatch(who)
    if found is None or int(found[1]) == 0:
        raise BadTag(f"The text tag {_shown(text)} names no signer. Signers are counted from signer1.")
    return int(found[1]) - 1


def _rule(need: str) -> Requirement | None:
    """The rule of a group: the vendor's words, or req1, req2, req1-3. A number that the form knows no rule for is
    taken for the nearest one that refuses nothing which the tag allows."""
    if need.lower() in _GROUP_RULES:
        return _GROUP_RULES[need.lower()]
    found = _COUNTS.fullmatch(need)
    if found is None:
        return None
    fewest, most = int(found[1]), int(found[2] or found[1])
    if fewest == 0:
        return "require_0-1" if most == 1 else None
    return "require_1" if (fewest, most) == (1, 1) else "require_1-ormore"


def _validation(text: str, word: str) -> ValidationType | None:
    if not word:
        return None
    if word == "custom_regex":
        raise BadTag(f"The text tag {_shown(text)} asks for custom_regex, which needs form_fields_per_document.")
    if word.lower() not in _VALIDATIONS:
        raise BadTag(f"The text tag {_shown(text)} asks for an unknown validation.")
    return _VALIDATIONS[word.lower()]


def _auto_fill(text: str, word: str) -> AutoFill | None:
    if word and word.lower() not in _AUTO_FILLS:
        raise BadTag(f"The text tag {_shown(text)} asks for an unknown auto fill type.")
    return _AUTO_FILLS.get(word.lower())


def _shown(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= LARGEST_SHOWN else f"{short[: LARGEST_SHOWN - 1]}…"


class _Reader:
    """One reading: ids and groups are of the whole request."""

    def __init__(self, texts: Sequence[str], signers: int, taken: set[str]) -> None:
        self.texts, self.signers, self.taken = texts, signers, taken
        self.reserved: set[str] = set(taken)
        self.numbers: dict[str, int] = {}
        self.definitions: dict[str, Tag] = {}
        self.fields: list[TaggedField] = []
        self.groups: dict[str, FieldGroup] = {}
        self.problems: list[TagProblem] = []

    def reading(self) -> TagReading:
        tags, seen = self._parsed()
        called = {tag.name for _, tag in tags if isinstance(tag, TagCall)}
        self.reserved |= {tag.unique_id for _, tag in tags if isinstance(tag, Tag)}
        for place, tag in tags:
            if isinstance(tag, TagCall):
                self._call(place, tag)
            elif tag.definition not in called or not tag.definition:
                self._place(place, tag)
        problems = tuple(sorted(self.problems, key=lambda problem: problem.text))
        return TagReading(tuple(self.fields), tuple(self.groups.values()), problems, tuple(seen))

    def _parsed(self) -> tuple[list[tuple[int, Tag | TagCall]], list[int]]:
        """The tags with their places, and the places of all that mean to be tags."""
        tags: list[tuple[int, Tag | TagCall]] = []
        seen = []
        for place, text in enumerate(self.texts):
            try:
                tag = parse_tag(text)
            except BadTag as bad:
                self.problems.append(TagProblem(place, bad.sentence))
                seen.append(place)
                continue
            if tag is not None:
                tags.append((place, tag))
            if isinstance(tag, Tag):
                self._define(place, tag)
        # [$5.00] is text unless somebody defined it
        tags = [(place, tag) for place, tag in tags if isinstance(tag, Tag) or tag.name in self.definitions]
        return tags, sorted([*seen, *(place for place, _ in tags)])

    def _define(self, place: int, tag: Tag) -> None:
        if not tag.definition:
            return
        known = self.definitions.setdefault(tag.definition, tag)
        if (known.kind, known.signer, known.rule) != (tag.kind, tag.signer, tag.rule):
            self._problem(place, "defines a name again, with another type, rule or signer.")

    def _call(self, place: int, call: TagCall) -> None:
        tag = self.definitions[call.name]
        again = tag.unique_id in self.taken and tag.unique_id
        self._place(place, replace(tag, unique_id="") if again else tag, like=tag.unique_id)

    def _place(self, place: int, tag: Tag, like: str = "") -> None:
        if tag.signer is not None and tag.signer >= self.signers:
            people = "1 signer" if self.signers == 1 else f"{self.signers} signers"
            self._problem(place, f"names signer{tag.signer + 1}, but the request has {people}.")
            return
        field = FormField(
            api_id=self._id(place, tag, like),
            kind=tag.kind,
            signer=tag.signer,
            name=tag.label,
            required=tag.required,
            group=self._group(tag),
            auto_fill=tag.auto_fill,
            validation=tag.validation,
            editor=f"signer{tag.signer + 1}" if tag.kind in MERGE_KINDS and tag.signer is not None else "",
        )
        self.fields.append(TaggedField(place, field))

    def _id(self, place: int, tag: Tag, like: str) -> str:
        if tag.unique_id and tag.unique_id not in self.taken:
            self.taken.add(tag.unique_id)
            return tag.unique_id
        if tag.unique_id:
            self._problem(place, f"has the id “{_shown(tag.unique_id)}”, which is used already.")
        base = like or tag.unique_id or f"{tag.kind}_tag"
        number = self.numbers.get(base, 2 if base != f"{tag.kind}_tag" else 1)
        while f"{base}_{number}" in self.reserved:
            number += 1
        self.numbers[base] = number + 1  # thousands of tags without an id are counted once, not once each
        made = f"{base}_{number}"
        self.taken.add(made)
        self.reserved.add(made)
        return made

    def _group(self, tag: Tag) -> str:
        """Checkboxes of one definition belong together; without one, those of one signer with the same rule."""
        if tag.rule is None:
            return ""
        group_id = f"${tag.definition}" if tag.definition else f"signer{(tag.signer or 0) + 1}_{tag.rule}"
        self.groups.setdefault(group_id, FieldGroup(group_id, tag.definition or tag.label, tag.rule))
        return group_id

    def _problem(self, place: int, what: str) -> None:
        self.problems.append(TagProblem(place, f"The text tag {_shown(self.texts[place])} {what}"))
