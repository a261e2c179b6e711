"""A profile whose models lie at a hub, and a home that may pull them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pentimento.agent import stock
from pentimento.agent.stock import Fetched, Pull
from pentimento.tools import lock
from pentimento.tools.profile import Profile, load_profile
from tests.tools.loopback_hub import LoopbackHub, language_model, serving, weights

TOML = """
name = "far"
image = { family = "sd", repo = "ann/painter", licence = "as the profile has it", size = 16 }
segment = { repo = "ann/finder", path = "finder", revision = "v1", files = ["finder/*"] }
planner = { repo = "ann/planner", path = "p.gguf", context = 64, max_tokens = 64, system = false }
"""
INDEX = b'{"_class_name": "StableDiffusionPipeline"}'


def repositories() -> dict[str, dict[str, bytes]]:
    return {
        "ann/painter": {
            "README.md": b"About it.",
            "model_index.json": INDEX,
            "unet/w.safetensors": weights(1000),
            "unet/w.bin": b"the same, as a program",
            "unet/config.json": b"{}",
        },
        "ann/finder": {"finder/model.safetensors": weights(10), "other/model.safetensors": weights(20)},
        "ann/planner": {"p.gguf": language_model()},
    }


@dataclass
class Home:
    """A home with the profile `far`, and the hub that it is to be pulled from."""

    folder: Path
    hub: LoopbackHub

    @property
    def models(self) -> Path:
        return self.folder / "models"

    def order(self, *, renew: bool = False) -> Pull:
        return stock.order_of(self.folder, "far", renew=renew)

    def pull(self, *, renew: bool = False) -> list[Fetched]:
        """Gives how far it was told to be."""
        told: list[Fetched] = []
        self.order(renew=renew).run(told.append)
        return told

    def profile(self) -> Profile:
        return load_profile("far", self.models)

    def file(self, name: str) -> Path:
        """A file that was pulled."""
        (found,) = self.models.glob(f"hub/*/*/{name}")
        return found

    def write(self, toml: str = TOML) -> None:
        lock.make_folder(self.models)
        (self.models / "far.toml").write_text(toml)


def point_at(endpoint: str, patch: pytest.MonkeyPatch) -> None:
    """As HF_ENDPOINT does before the library is imported."""
    from huggingface_hub import constants

    patch.setattr(constants, "ENDPOINT", endpoint)
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}")


@contextmanager
def open_home(folder: Path) -> Iterator[Home]:
    """The library is let out to this machine itself, and nowhere else."""
    from huggingface_hub import constants

    with pytest.MonkeyPatch.context() as patch, serving(LoopbackHub(repositories())) as hub:
        patch.setattr(constants, "HF_HUB_OFFLINE", False)
        patch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)  # as tools/hub.py has it where the library is new
        point_at(hub.endpoint, patch)
        patch.setenv("NO_PROXY", "127.0.0.1")
        home = Home(folder, hub)
        home.write()
        yield home
