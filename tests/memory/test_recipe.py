from dataclasses import replace

import pytest

from pentimento.memory.recipe import recipe_hash
from tests.memory.stories import call


def test_the_form_of_a_recipe_is_a_contract() -> None:
    assert recipe_hash(call(7), ["ab" * 32]) == "1f5cccf0aa389c7bca3aa5a1dbffaea7999fe5168b49666ec771b3e5d08bdcd8"


def test_the_order_of_arguments_does_not_matter() -> None:
    turned = replace(call(7), arguments=dict(reversed(list(call(7).arguments.items()))))
    assert recipe_hash(turned, []) == recipe_hash(call(7), [])


def test_everything_that_decides_the_pixels_changes_the_recipe() -> None:
    made = call(7)
    others = [
        replace(made, tool="edit"),
        replace(made, version="2"),
        replace(made, model="e" * 64),
        replace(made, arguments={**made.arguments, "guidance": 3.6}),
        replace(made, seed=8),
    ]
    recipes = {recipe_hash(other, ["a", "b"]) for other in [made, *others]}
    recipes |= {recipe_hash(made, sources) for sources in (["b", "a"], ["a"], [])}
    assert len(recipes) == 9


def test_a_number_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        recipe_hash(replace(call(7), arguments={"guidance": float("nan")}), [])
