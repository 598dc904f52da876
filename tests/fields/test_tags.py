"""The grammar of text tags: what is written means what the vendor's pages say, and nothing written breaks it."""

from dataclasses import replace
from time import process_time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.fields import FieldGroup
from paraph.fields.shapes import AutoFill, Requirement, ValidationType
from paraph.fields.tags import KINDS, BadTag, Tag, TagCall, parse_tag, read_tags

WORDS = {kind: word for word, kind in KINDS.items()}

# --- one tag ---


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[sig|req|signer1]", Tag("signature", True, 0)),
        ("[initial|noreq|signer2]", Tag("initials", False, 1)),
        ("[date|req|signer1|Date signed]", Tag("date_signed", True, 0, "Date signed")),
        ("[check|noreq|signer1|Agree|chk]", Tag("checkbox", False, 0, "Agree", "chk")),
        (
            "[text|req|signer1|Label|UniqueId|letters_only|firstName]",
            Tag("text", True, 0, "Label", "UniqueId", "letters_only", "firstName"),
        ),
        ("[text|req|signer1||||firstName]", Tag("text", True, 0, auto_fill="firstName")),
        ("[text|req|signer1||id]", Tag("text", True, 0, unique_id="id")),
        (
            "[text-merge|req|sender|firstname|firstname_id]",
            Tag("text-merge", True, None, "firstname", "firstname_id"),
        ),
        ("[checkbox-merge|noreq|sender|member]", Tag("checkbox-merge", False, None, "member")),
        ("[text-merge|req|signer1|firstname|id]", Tag("text-merge", True, 0, "firstname", "id")),
        ("[TEXT|REQ|Signer 12]", Tag("text", True, 11)),
        (
            "[ text | noreq | signer1 |  Full   name\u00a0|ID1 \u00a0 \u00a0 ]",
            Tag("text", False, 0, "Full name", "ID1"),
        ),
        ("[text|whatever|signer1]", Tag("text", True, 0)),
        ("[text||signer1]", Tag("text", True, 0)),
        ("[sig|req|signer1|180|36]", Tag("signature", True, 0, "180", "36")),
        ("[sig|req|signer1|נא לחתום כאן]", Tag("signature", True, 0, "נא לחתום כאן")),
        ("[sig|req|signer1|a|b|letters_only|email]", Tag("signature", True, 0, "a", "b")),
        ("[check|require_1|signer1|Yes]", Tag("checkbox", False, 0, "Yes", rule="require_1")),
        ("[check|req1|signer1|Yes]", Tag("checkbox", False, 0, "Yes", rule="require_1")),
        ("[check|req0-1|signer1]", Tag("checkbox", False, 0, rule="require_0-1")),
        ("[check|req1-3|signer1]", Tag("checkbox", False, 0, rule="require_1-ormore")),
        ("[check|req2|signer1]", Tag("checkbox", False, 0, rule="require_1-ormore")),
        ("[text|req1|signer1]", Tag("text", True, 0)),
        ("[def:$yn|check|req1|signer1|Yes]", Tag("checkbox", False, 0, "Yes", rule="require_1", definition="yn")),
        ("[def:$name|text|req|signer1]", Tag("text", True, 0, definition="name")),
        ("[$yn]", TagCall("yn")),
    ],
)
def test_a_tag_means_what_it_says(text: str, meant: Tag | TagCall) -> None:
    assert parse_tag(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "[yes|no]",
        "[a|b|c]",
        "[date|time|place]",
        "[text|b]",
        "[1]",
        "[]",
        "[|]",
        "[||||||||||]",
        "[$]",
        "",
        "[def:$x]",
    ],
)
def test_what_only_looks_like_a_tag_is_text(text: str) -> None:
    assert parse_tag(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[initials|req|signer1]", "unknown type"),
        ("[checkbox|req|signer1]", "unknown type"),
        ("[def:$x|picture]", "unknown type"),
        ("[text|req|]", "names no signer"),
        ("[text|req]", "names no signer"),
        ("[text|req|signer0]", "names no signer"),
        ("[text|req|signer]", "names no signer"),
        ("[text|req|signerX]", "names no signer"),
        ("[text|req|ann]", "names no signer"),
        ("[sig|req|sender]", "must name a signer"),
        ("[text|req|signer1|a|b|rhymes]", "unknown validation"),
        ("[text|req|signer1|a|b|custom_regex]", "custom_regex"),
        ("[text|req|signer1|a|b||shoeSize]", "unknown auto fill"),
        ("[text|req|signer1|a|b|||c]", "more than 7 parts"),
    ],
)
def test_a_wrong_tag_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(BadTag) as bad:
        parse_tag(text)
    assert words in bad.value.sentence
    assert text in bad.value.sentence


def test_an_id_that_no_column_could_hold_is_wrong() -> None:
    assert parse_tag(f"[text|req|signer1|a|{'b' * 200}]")
    with pytest.raises(BadTag, match="an id of more than 200 characters"):
        parse_tag(f"[text|req|signer1|a|{'b' * 201}]")


# --- all tags of a request ---


def ids(texts: list[str], signers: int = 2, taken: tuple[str, ...] = ()) -> list[str]:
    return [one.field.api_id for one in read_tags(texts, signers=signers, taken=taken).fields]


def test_tags_become_fields_in_order() -> None:
    texts = ["[a|b]", "[sig|req|signer2|Sign here|s1]", "prose", "[text|noreq|signer1|Name||email_address|email]"]
    read = read_tags(texts, signers=2)
    assert read.texts == (1, 3)
    assert read.problems == read.groups == ()
    first, second = (one.field for one in read.fields)
    assert [one.text for one in read.fields] == [1, 3]
    assert (first.api_id, first.kind, first.signer, first.name, first.required) == (
        "s1",
        "signature",
        1,
        "Sign here",
        True,
    )
    assert (second.kind, second.signer, second.validation, second.auto_fill) == ("text", 0, "email_address", "email")
    assert not second.required


def test_fields_without_an_id_get_one_that_nothing_else_has() -> None:
    assert ids(["[text|req|signer1]", "[text|req|signer1||text_tag_2]", "[text|req|signer1]"]) == [
        "text_tag_1",
        "text_tag_2",
        "text_tag_3",
    ]
    assert ids(["[sig|req|signer1]"], taken=("signature_tag_1",)) == ["signature_tag_2"]


def test_an_id_used_twice_is_a_problem() -> None:
    read = read_tags(["[text|req|signer1|A|x]", "[text|req|signer1|B|x]"], signers=1)
    assert [problem.text for problem in read.problems] == [1]
    assert "which is used already" in read.problems[0].sentence
    assert len({one.field.api_id for one in read.fields}) == 2
    (clash,) = read_tags(["[text|req|signer1|A|x]"], signers=1, taken={"x"}).problems
    assert "x" in clash.sentence


def test_a_tag_for_a_signer_that_is_not_there_is_a_problem() -> None:
    read = read_tags(["[sig|req|signer3]", "[sig|req|signer1]"], signers=2)
    assert [one.text for one in read.fields] == [1]
    assert read.problems[0].sentence == "The text tag [sig|req|signer3] names signer3, but the request has 2 signers."
    assert read.texts == (0, 1)


def test_merge_fields_belong_to_the_sender_or_are_edited_by_a_signer() -> None:
    read = read_tags(["[text-merge|req|sender|A|a]", "[text-merge|req|signer2|B|b]"], signers=2)
    assert [(one.field.signer, one.field.editor) for one in read.fields] == [(None, ""), (1, "signer2")]


def test_a_definition_is_called_as_often_as_wanted() -> None:
    read = read_tags(["[def:$chk|check|req1|signer1|Pick|c]", "[$chk]", "[$chk]", "[$other]", "[$5.00]"], signers=1)
    assert read.texts == (0, 1, 2)
    assert [(one.text, one.field.api_id, one.field.group) for one in read.fields] == [
        (1, "c", "$chk"),
        (2, "c_2", "$chk"),
    ]
    assert read.groups == (FieldGroup("$chk", "chk", "require_1"),)
    assert read.problems == ()


def test_definitions_that_nobody_calls_are_the_fields_of_a_group() -> None:
    texts = ["[def:$yn|check|req1|signer1|Yes]", "[def:$yn|check|req1|signer1|No]", "[def:$b|check|req1-2|signer1|B]"]
    read = read_tags(texts, signers=1)
    assert [(one.field.name, one.field.group) for one in read.fields] == [("Yes", "$yn"), ("No", "$yn"), ("B", "$b")]
    assert [group.requirement for group in read.groups] == ["require_1", "require_1-ormore"]


def test_checkboxes_with_a_rule_belong_together_by_signer() -> None:
    texts = ["[check|require_1|signer1|A]", "[check|require_1|signer1|B]", "[check|require_1|signer2|C]"]
    groups = [one.field.group for one in read_tags(texts, signers=2).fields]
    assert groups[0] == groups[1] != groups[2]


def test_a_name_defined_in_two_ways_is_a_problem() -> None:
    texts = ["[def:$x|check|req1|signer1]", "[def:$x|check|req1|signer2]"]
    assert "defines a name again" in read_tags(texts, signers=2).problems[0].sentence


# --- properties ---

SLOT = st.text(st.characters(exclude_characters="[]|", exclude_categories=["Cs"]), max_size=12)
NOISE = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.one_of(
            SLOT,
            st.sampled_from(
                [*KINDS, "req", "noreq", "req1", "signer1", "signer9", "sender", "def:$a", "$a", "email"]
            ),
        ),
        max_size=9,
    ).map(lambda slots: f"[{'|'.join(slots)}]"),
)


@given(NOISE)
def test_parsing_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        parse_tag(text)
    except BadTag as bad:
        assert bad.sentence.endswith(".")


@given(st.lists(NOISE, max_size=12), st.integers(0, 3))
def test_reading_never_raises_and_never_gives_an_id_twice(texts: list[str], signers: int) -> None:
    read = read_tags(texts, signers=signers)
    given_ids = [one.field.api_id for one in read.fields]
    assert len(given_ids) == len(set(given_ids))
    assert {one.text for one in read.fields} <= set(read.texts)
    assert {problem.text for problem in read.problems} <= set(read.texts)
    assert all(one.field.signer is None or one.field.signer < signers for one in read.fields)
    assert {one.field.group for one in read.fields} - {""} <= {group.group_id for group in read.groups}


LABEL = st.text(st.characters(exclude_characters="[]|$", exclude_categories=["Cs", "Zs", "Cc", "Cf"]), max_size=20)


@st.composite
def tags(draw: st.DrawFn) -> Tag:
    kind = draw(st.sampled_from(sorted(WORDS)))
    signer = draw(st.integers(0, 9998) if "merge" not in kind else st.one_of(st.none(), st.integers(0, 9998)))
    rule = draw(st.one_of(st.none(), st.sampled_from(get_args(Requirement)))) if kind == "checkbox" else None
    text = Tag(kind, draw(st.booleans()) and rule is None, signer, draw(LABEL), draw(LABEL), rule=rule)
    if kind != "text":
        return text
    checks = st.sampled_from([name for name in get_args(ValidationType) if name != "custom_regex"])
    return replace(
        text,
        validation=draw(st.one_of(st.none(), checks)),
        auto_fill=draw(st.one_of(st.none(), st.sampled_from(get_args(AutoFill)))),
    )


def written(tag: Tag) -> str:
    who = "sender" if tag.signer is None else f"signer{tag.signer + 1}"
    need = tag.rule or ("req" if tag.required else "noreq")
    slots = [WORDS[tag.kind], need, who, tag.label, tag.unique_id, tag.validation or "", tag.auto_fill or ""]
    return f"[{'|'.join(slots)}]"


@given(tags())
def test_what_is_written_is_read(tag: Tag) -> None:
    assert parse_tag(written(tag)) == tag


@pytest.mark.parametrize(
    "text", ["[sig|req|signer1]", "[sig|req|signer1|Sign|same]"], ids=["without an id", "one id"]
)
def test_as_many_tags_as_a_file_may_hold_are_read_at_once(text: str) -> None:
    """They are read where other callers wait."""
    began = process_time()
    reading = read_tags([text] * 20_000, signers=1)
    assert len({one.field.api_id for one in reading.fields}) == 20_000
    assert process_time() - began < 5, "a search from the start for each id takes half a minute"
