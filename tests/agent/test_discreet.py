import pytest
from pydantic import JsonValue

from pentimento.agent.discreet import without_paths

HOME = "/usr/share/nobody"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("make the squirrel red", "make the squirrel red"),
        ("a fox and/or a cat, 1/2 red", "a fox and/or a cat, 1/2 red"),
        ("a sign that says /r/aww", "a sign that says /r/aww"),
        ("/undo", "/undo"),
        ("16/9 or 4/3", "16/9 or 4/3"),
        ("see https://example.org/usr/share/x.png", "see https://example.org/usr/share/x.png"),
        ("open /usr/share/icons/fox.png", "open fox.png"),
        ("The picture file /usr/lib/blobs/ab/cd.png cannot be read.", "The picture file cd.png cannot be read."),
        ("(/usr/share/a.png, /etc/ssl/b.png)", "(a.png, b.png)"),
        ('"/usr/share/a.png": no', '"a.png": no'),
        ("file:///usr/share/a.png", "a.png"),
        ("/usr/share/", "share"),
        ("/usr/share/ünïcode/Bild.png", "Bild.png"),
        (f"in {HOME}/pictures/fox.png", "in fox.png"),
        (f"in {HOME}", "in ~"),
        (f"file://{HOME}/fox.png", "fox.png"),
        (f"{HOME} and {HOME}/My Pictures/fox.png", "~ and My Pictures/fox.png"),
        ("~/pictures/fox.png", "fox.png"),
    ],
)
def test_of_a_path_the_last_part_stays(monkeypatch: pytest.MonkeyPatch, said: str, told: str) -> None:
    monkeypatch.setenv("HOME", HOME)
    assert without_paths(said) == told


def test_every_text_in_a_value_is_looked_at_and_nothing_else() -> None:
    value: JsonValue = {"a": ["/usr/share/x.png", 1, None, True, {"b": "/usr/share/y.png"}], "c": 1.5}
    assert without_paths(value) == {"a": ["x.png", 1, None, True, {"b": "y.png"}], "c": 1.5}
