import pytest

from pentimento.agent.wording import saying, with_word

LABELS = [
    ("n7", "put it at sunset"),
    ("n5", "make the squirrel blue"),
    ("n4", "flip"),
    ("n3", "make the squirrel red"),
    ("n2", "recolor the nut to #ff6600"),
    ("n1", "a squirrel eating a nut in a forest"),
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("red", ["n3"]),
        ("the red one", ["n3"]),
        ("RED", ["n3"]),
        ("blue squirrel", ["n5"]),
        ("squirrel", ["n5", "n3", "n1"]),
        ("forest", ["n1"]),
        ("#ff6600", ["n2"]),
        ("reddish", ["n3"]),
        ("flipped", ["n4"]),
        ("forests", ["n1"]),
        ("sunste", ["n7"]),
        ("dragon", []),
        ("red dragon", []),
        ("it", []),
        ("the", []),
        ("make", ["n5", "n3"]),
        ("", []),
        ("...", []),
    ],
)
def test_words_mean_the_versions_whose_labels_have_them(words: str, found: list[str]) -> None:
    assert saying(LABELS, words) == found


def test_the_very_word_wins_over_words_like_it() -> None:
    assert saying([("n2", "put it in the snowstorm"), ("n1", "a fox in the snow")], "snow") == ["n1"]


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        ("a cat and a cathedral", "cat", "dog", "a dog and a cathedral"),
        ("an owl on an apple", "owl", "fox", "a fox on an apple"),
        ("a fox, a Fox", "fox", "owl", "an owl, an Owl"),
        ("A cat sleeps", "cat", "owl", "An owl sleeps"),
        ("An owl sleeps. Owls do.", "owl", "cat", "A cat sleeps. Owls do."),
        ("Cat on a mat", "cat", "dog", "Dog on a mat"),
        ("A CAT", "cat", "owl", "AN OWL"),
        ("a red cat", "red", "orange", "an orange cat"),
        ("a cat", "cat", "hourglass", "an hourglass"),
        ("an owl", "owl", "unicorn", "a unicorn"),
        ("an owl", "owl", "uninvited guest", "an uninvited guest"),
        ("a cat, the cat", "cat", "an owl", "an owl, an owl"),
        ("A cat", "cat", "the owl", "The owl"),
        ("a cat", "cat", "Eiffel tower", "an Eiffel tower"),
        ("see McDonald", "mcdonald", "iPhone", "see iPhone"),
        ("make the cat red", "cat", "dog", "make the dog red"),
        ("put it in the snow", "snow", "evening sun", "put it in the evening sun"),
        ("nothing of it", "cat", "dog", "nothing of it"),
        ("c++ (a cat)", "c++", "rust", "rust (a cat)"),
    ],
)
def test_a_word_stands_for_another_with_its_article(text: str, old: str, new: str, said: str) -> None:
    assert with_word(text, old, new) == said
