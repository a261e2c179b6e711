import pytest

from pentimento.agent.spelling import as_said
from pentimento.agent.types import Plan, Step


def written(text: str, said: str) -> object:
    plan = as_said(Plan((Step("draw_text", {"text": text}, {"src": "head"}),), ""), said)
    return plan.steps[0].arguments["text"]


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("summer 2026", "put a caption at the bottom: Summer 2026", "Summer 2026"),
        ("open", "write OPEN on it", "OPEN"),
        ("große (freude)?", "schreib Große (Freude)? drauf", "Große (Freude)?"),
        ("two  words", "write Two words", "two  words"),
        ("hello", "write a greeting", "hello"),
        ("HAPPY", "write happy in capital letters", "HAPPY"),
        ("no", "on the snow write NO", "NO"),
        ("i", "Write the letter I in the corner", "I"),
    ],
)
def test_a_caption_is_spelled_as_it_was_said(text: str, said: str, expected: str) -> None:
    assert written(text, said) == expected


def test_other_arguments_stay_as_they_were_planned() -> None:
    plan = Plan((Step("edit", {"instruction": "make the fox red", "target": "fox"}, {}),), "Making the fox red.")
    assert as_said(plan, "Make the FOX red") == plan
