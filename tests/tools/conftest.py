"""The families that the contract is tested on."""

import pytest

from pentimento.tools.families import FAMILIES
from tests.tools.family_cases import Case, load
from tests.tools.tiny_families import MAKERS, folders_in


@pytest.fixture(
    scope="module",
    params=[name if name != "qwen-image-edit" else pytest.param(name, marks=pytest.mark.slow) for name in FAMILIES],
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = tmp_path_factory.mktemp(request.param)
    MAKERS[request.param](made)
    folders = folders_in(made)
    return Case(request.param, folders, load(request.param, folders))
