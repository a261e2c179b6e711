import re

import pytest
from pydantic import JsonValue

from pentimento.agent.grammar import check, gbnf, regex_rule
from pentimento.agent.plan_language import plan_form
from pentimento.agent.types import AgentError

BOUNDED: dict[str, JsonValue] = {"type": "string", "minLength": 1, "maxLength": 5}


def root(grammar: str) -> str:
    return grammar.splitlines()[0].removeprefix("root ::= ")


def test_strings_may_hold_no_control_characters_and_no_open_quote() -> None:
    char = next(line for line in gbnf(BOUNDED).splitlines() if line.startswith("char ::= "))
    plain = re.search(r"\[\^.*?\x5d(?= \|)", char)
    assert plain is not None
    for code in [*range(0x20), 0x7F, ord('"'), ord("\\")]:
        assert not re.fullmatch(plain.group(), chr(code))
    assert re.fullmatch(plain.group(), "é")


def test_bounds_of_a_string_are_kept() -> None:
    assert root(gbnf(BOUNDED)) == r'"\"" char{1,5} "\""'


@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "array", "items": BOUNDED}, {"type": "integer"}, {}])
def test_an_unbounded_schema_is_refused(schema: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match=r"needs a maxLength|bound this schema"):
        gbnf(schema)


@pytest.mark.parametrize(
    ("low", "high", "multiple", "rule"),
    [
        (90, 270, 90, '("90" | "180" | "270")'),
        (1, 50, 1, "[1-9] [0-9]{0,1}"),
        (0, 8192, 1, '("0" | [1-9] [0-9]{0,3})'),
    ],
)
def test_integers_are_spelt_out_or_bounded_by_their_digits(low: int, high: int, multiple: int, rule: str) -> None:
    assert root(gbnf({"type": "integer", "minimum": low, "maximum": high, "multipleOf": multiple})) == rule


def test_keys_keep_their_order_and_optional_ones_may_be_left_out() -> None:
    grammar = gbnf(
        {"type": "object", "properties": {"tool": {"const": "undo"}, "text": BOUNDED}, "required": ["tool"]},
    )
    assert r'object-1 ::= "{" "\"tool\":" "\"undo\"" (",\"text\":" "\"" char{1,5} "\"")? "}"' in grammar


def test_an_object_that_may_be_empty_of_its_first_key_is_refused() -> None:
    with pytest.raises(ValueError, match="must be required"):
        gbnf({"type": "object", "properties": {"text": BOUNDED}, "required": []})


def test_a_pattern_becomes_a_rule_without_its_anchors() -> None:
    assert regex_rule(r"^(\d{1,3}:\d{1,3})?$") == '(( [0-9] {1,3} ":" [0-9] {1,3} ) ?)'


def test_a_pattern_beyond_the_grammar_is_refused() -> None:
    with pytest.raises(ValueError, match="simpler"):
        regex_rule(r"^\w+$")


def test_the_grammar_of_plans_can_be_read() -> None:
    check(plan_form().grammar)
    check(plan_form(told=False).grammar)


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "object ::= char\nchar ::= [a-z]",
        "root ::= missing",
        "root ::= (char\nchar ::= [a-z]",
        "root ::= char)\nchar ::= [a-z]",
        'root ::= "a" |',
        'root ::= "a" | | "b"',
        "root ::= +",
        'root ::= "a',
        "root ::= [a-z",
        "root ::= ()",
        "root = 'a'",
        'root ::= "a"\nand some words',
    ],
)
def test_a_malformed_grammar_is_refused_before_it_reaches_llama_cpp(grammar: str) -> None:
    with pytest.raises(AgentError):
        check(grammar)


def test_dropping_any_bracket_or_name_of_the_grammar_of_plans_is_noticed() -> None:
    grammar = plan_form().grammar
    rules = grammar.splitlines()
    for line in rules:
        with pytest.raises(AgentError):
            check(grammar.replace(line, line.partition("::=")[2]))
    with pytest.raises(AgentError):
        check(grammar.replace('"[]" | ', '"[]" | ( ', 1))
