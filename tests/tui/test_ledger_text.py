from dataclasses import replace

import pytest
from pydantic import JsonValue

from pentimento.agent.looking import Gone, Ledger, Pointers, TurnLedger
from pentimento.agent.types import Edge, MadeNode, NodeKind, Role, TurnStatus
from pentimento.tui.ledger_text import ledger_text
from tests.fakes import NOON
from tests.tui.hostile_texts import FORBIDDEN, hostile_texts
from tests.tui.looks import look, picture, turn

PLAN = '{"steps": [{"tool": "edit", "instruction": "make it red", "target": "squirrel"}], "reply": "Red."}'


def a_ledger() -> Ledger:
    node = picture(3, "make it red", of=2, source=1)
    assert node.call is not None
    call = replace(
        node.call, arguments={"instruction": "make it red", "steps": 12}, environment={"device": "cpu", "threads": 2}
    )
    edges = (*node.parents, Edge("n2", Role.MASK))
    measures: dict[str, JsonValue] = {
        "passed": True,
        "changed_outside": 0,
        "outside": 3102,
        "note": "It is a little dark.",
    }
    node = replace(node, parents=edges, call=call, measures=measures, recipe="b" * 64, pixels="c" * 64)
    details: dict[str, JsonValue] = {
        "seconds": {"plan": 0.5, "total": 2.75},
        "raw": PLAN,
        "evaluated": 61,
        "generated": 38,
        "replay": [{"node": "n1"}],
    }
    made_in = replace(turn(2, "please\nmake it red"), plan=PLAN, reply="Red.", prompt_sha="d" * 64, details=details)
    preferred = {"ratio": "wide", "style": "oil on canvas"}
    pointers = Pointers("main", {"main": "n3", "winter": "n3"}, {"best": "n3", "other": "n1"}, preferred)
    return Ledger(MadeNode(node, look([], [node]).paths["n3"]), made_in, ("n4", "n7"), pointers)


def test_nothing_of_a_picture_is_hidden() -> None:
    made = f"{NOON.astimezone():%Y-%m-%d} {NOON.astimezone():%H}:02:01 {NOON.astimezone():%z}"
    assert ledger_text(a_ledger()).split("\n") == [
        "n3            make it red  (image, 64 × 48)",
        "names         head, branch:main, branch:winter, tag:best",
        "from          n1 (source), n2 (mask)",
        "led to        n4, n7",
        'prefers       ratio=wide style="oil on canvas"',
        f"made          {made}",
        "in turn       2, done",
        "you said      please",
        "              make it red",
        'plan          1. /edit instruction="make it red" target=squirrel',
        "reply         Red.",
        "took          plan 0.5 s, total 2.75 s",
        "tokens        61 read, 38 written by the language model",
        f"completion    {PLAN}",
        f"prompts       {'d' * 64}",
        'replay        [{"node": "n1"}]',
        "made by       edit, version 1",
        "arguments     instruction  make it red",
        "              steps        12",
        "seed          7",
        f"model         {'f' * 64}",
        "ran on        device   cpu",
        "              threads  2",
        "encoder got   make it red",
        "measured      the check passed",
        "              0 of 3,102 pixels outside of the region changed",
        "note          It is a little dark.",
        f"recipe        {'b' * 64}",
        f"pixels        {'c' * 64}",
        f"file          {'a' * 64}",
        "              /pictures/n3.png",
    ]


def test_both_the_planned_and_the_rewritten_words_are_told_and_by_which_prompt_file() -> None:
    ledger = a_ledger()
    node = ledger.made.node
    assert node.call is not None
    call = replace(node.call, arguments={**node.call.arguments, "rewritten": "Make it red. Keep the rest."})
    measures: dict[str, JsonValue] = {"contract": "9" * 64, "not_rewritten": "They would lose “two”."}
    told = replace(ledger, made=replace(ledger.made, node=replace(node, call=call, measures=measures)))
    text = ledger_text(told)
    assert "arguments     instruction  make it red\n" in text
    assert "              rewritten    Make it red. Keep the rest.\n" in text
    assert f"measured      the words were put for the picture model by the prompt file {'9' * 64}\n" in text
    assert "              They would lose “two”.\n" in text


def a_turn() -> TurnLedger:
    """An edit that was put otherwise, and too long."""
    ledger = a_ledger()
    node, turn = ledger.made.node, ledger.turn
    assert node.call is not None
    assert turn is not None
    put = replace(
        node.call, arguments={**node.call.arguments, "rewritten": "Make it red. Keep The Rest", "avoid": "nuts"}
    )
    measures: dict[str, JsonValue] = {"passed": False, "agreement": 0.31, "unread": "the rest", "contract": "9" * 64}
    region = replace(node, id="n2", kind=NodeKind.MASK, label="region: make it red", measures={}, parents=())
    made = (region, replace(node, call=put, measures=measures))
    return TurnLedger(turn, tuple(MadeNode(one, ledger.made.path) for one in made))


def test_a_turn_goes_from_the_words_to_the_verdict() -> None:
    when = f"{NOON.astimezone():%Y-%m-%d} {NOON.astimezone():%H}:02:00 {NOON.astimezone():%z}"
    assert ledger_text(a_turn()).split("\n") == [
        "in turn       2, done",
        "you said      please",
        "              make it red",
        'plan          1. /edit instruction="make it red" target=squirrel',
        "reply         Red.",
        "n2            region: make it red  (mask, 64 × 48)",
        "n3            make it red  (image, 64 × 48)",
        "from          n1 (source), n2 (mask)",
        "made by       edit, seed 7",
        "rewritten     Make it red. Keep The Rest",
        "encoder got   Make it red. Keep",
        "              not read: “the rest”",
        "              to avoid: “nuts”",
        "verdict       the check failed",
        "              0.31 is how well it agrees with the words (cosine, -1 to 1)",
        f"began         {when}",
        "took          plan 0.5 s, total 2.75 s",
        "tokens        61 read, 38 written by the language model",
        f"completion    {PLAN}",
        f"prompts       {'d' * 64}",
        'replay        [{"node": "n1"}]',
    ]


def test_words_that_were_not_put_otherwise_are_said_to_be_as_planned_or_why_they_stayed() -> None:
    node = a_turn().made[1].node
    assert node.call is not None
    call = replace(node.call, arguments={"instruction": "make it red"})
    for measures, told in (
        ({}, "no, told as planned"),
        ({"not_rewritten": "It would lose “two”."}, "It would lose “two”."),
    ):
        made = MadeNode(replace(node, call=call, measures=measures), a_turn().made[1].path)
        assert f"rewritten     {told}\nencoder got   make it red" in ledger_text(replace(a_turn(), made=(made,)))


@pytest.mark.parametrize(
    ("tool", "arguments", "measures", "got"),
    [
        ("generate", {"prompt": "a fox"}, {}, "a fox"),
        ("inpaint", {"prompt": "a hat", "target": "cap"}, {}, "a hat"),
        ("outpaint", {"prompt": "a lake"}, {}, "a lake"),
        ("outpaint", {"prompt": ""}, {}, ""),
        ("arrange", {"op": "move", "target": "fox"}, {}, ""),
        ("upscale", {"prompt": "a fox"}, {}, "a fox"),
        ("variations", {"prompt": "a fox", "words": ""}, {}, ""),
        ("variations", {"prompt": "a fox", "words": "a fox"}, {}, "a fox"),
        ("variations", {"prompt": "a fox", "words": ""}, {"drawn_anew": True}, "a fox"),
    ],
)
def test_what_the_encoder_got_is_told_where_the_call_holds_it(
    tool: str, arguments: dict[str, JsonValue], measures: dict[str, JsonValue], got: str
) -> None:
    made = a_turn().made[1]
    assert made.node.call is not None
    call = replace(made.node.call, tool=tool, arguments=arguments)
    for one, words in ((call, got), (replace(call, model=""), "")):
        node = replace(made.node, call=one, measures=measures)
        for text in (
            ledger_text(replace(a_turn(), made=(replace(made, node=node),))),
            ledger_text(replace(a_ledger(), made=replace(made, node=node))),
        ):
            assert [line[14:] for line in text.split("\n") if line.startswith("encoder got")] == [words][: len(words)]


def test_a_turn_that_was_undone_since_says_so() -> None:
    for ledger in (a_ledger(), a_turn()):
        assert "in turn       2, done, undone since\n" in ledger_text(ledger, undone=True)


def test_an_attempt_that_was_not_kept_is_one_line() -> None:
    made = a_turn().made[1]
    aside = replace(made.node, measures={"kept": False, "passed": False, "note": "It came out blue."})
    lines = ledger_text(replace(a_turn(), made=(replace(made, node=aside),))).split("\n")
    assert lines[5:7] == ["n3            an attempt that was not kept: It came out blue.", lines[6]]
    assert lines[6].startswith("began ")


def test_a_turn_that_made_nothing_has_its_words_plan_and_reply() -> None:
    asked = replace(turn(4, "bigger", TurnStatus.ASKED), plan='{"steps": [], "reply": "Which?"}', reply="Which one?")
    assert ledger_text(TurnLedger(asked, ())).split("\n")[:4] == [
        "in turn       4, asked",
        "you said      bigger",
        "plan          “Which?”",
        "reply         Which one?",
    ]
    failed = ledger_text(TurnLedger(turn(5, "fly", TurnStatus.FAILED), ()))
    assert "plan          none\n" in failed
    answered = replace(turn(6, "hello", TurnStatus.ANSWERED), plan='{"steps": [], "reply": "Done."}')
    assert "plan          no steps: the reply is all\n" in ledger_text(TurnLedger(answered, ()))


def test_a_turn_that_was_forgotten_says_so() -> None:
    assert "you said      nothing that is kept: it was forgotten" in ledger_text(TurnLedger(turn(3, ""), ()))


def test_a_picture_from_a_file_says_so() -> None:
    node = picture(1, "own.png", of=0)
    text = ledger_text(Ledger(MadeNode(node, look([], [node]).paths["n1"]), None, (), Pointers("main", {}, {})))
    assert "from          a file" in text
    assert "you said" not in text


def test_what_is_gone_says_why_and_has_no_file() -> None:
    ledger = a_ledger()
    for gone, word in ((Gone.FORGOTTEN, "destroyed on request"), (Gone.COLLECTED, "nothing led to it any more")):
        node = replace(ledger.made.node, gone=gone)
        text = ledger_text(replace(ledger, made=replace(ledger.made, node=node)))
        assert f"gone          {gone}: " in text
        assert word in text
        assert "/pictures" not in text


def test_words_are_wrapped_beside_their_names_and_hashes_stay_whole() -> None:
    lines = ledger_text(a_ledger(), 60).split("\n")
    assert [len(line) for line in lines if len(line) > 60] == [14 + 64] * 5
    assert '              "make it red", "target": "squirrel"}],' in lines


def test_nothing_that_is_shown_can_move_the_cursor() -> None:
    ledger = a_ledger()
    assert ledger.turn is not None
    for text in hostile_texts():
        node = replace(ledger.made.node, label=text, measures={text: text, "note": text})
        made_in = replace(ledger.turn, said=text, reply=text, details={text: text, "raw": text})
        hostile = replace(ledger, made=replace(ledger.made, node=node), turn=made_in, children=(text,))
        assert not FORBIDDEN.intersection(ledger_text(hostile, 60)), repr(text)
        assert not FORBIDDEN.intersection(ledger_text(hostile)), repr(text)
        of_turn = ledger_text(TurnLedger(made_in, (MadeNode(node, ledger.made.path),)), 60)
        assert not FORBIDDEN.intersection(of_turn), repr(text)
