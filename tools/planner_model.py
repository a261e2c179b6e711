"""The language model that plans, as a profile names it: a GGUF file, or a server that has one."""

from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from pentimento.tools.source import Source, inside


def _address(url: str) -> str:
    """As written, where it is one that can be asked."""
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable() or " " in url):
        raise ValueError('write it as "http://127.0.0.1:8080/v1"')
    if parts.username is not None or parts.query or parts.fragment or (url and parts.port == 0):
        raise ValueError("it holds host, port and path alone; a key belongs into an environment variable, see key")
    return url


def _is_here(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost"
    return address.is_loopback


class PlannerModel(Source, extra="forbid", frozen=True):
    """`path` is a GGUF file; or else a server at `url` has the model."""

    url: Annotated[str, AfterValidator(_address)] = ""
    """Where a server speaks OpenAI's chat completions, "http://127.0.0.1:8080/v1"; empty: the model is a file."""
    sees: bool = False
    """Whether the server's model sees pictures: the current one goes along with what is said, small."""
    mmproj: str = ""
    """The GGUF file with which a model of `path` sees pictures, where that lies; empty: it sees none."""
    model: str = Field(default="", max_length=200)
    """What the server calls it; empty: the server has but one."""
    key: Annotated[str, Field(pattern=r"^([A-Za-z_]\w*)?$")] = ""
    """Name of the environment variable that holds the server's key; empty: it wants none."""
    timeout: float = Field(default=120.0, gt=0, le=3600)
    """Seconds that a server has for a plan."""
    context: int = 4096
    """Tokens of context; a server knows its own."""
    max_tokens: int = 512
    """Tokens of a plan at most."""
    gpu_layers: int = Field(default=0, ge=-1)
    """Layers that lie on the graphics card, -1 all of them; on the processor where the card has no room beside the pictures."""
    system: bool = True
    """Whether it needs the system prompt that explains the tools; the starter was trained without."""

    @property
    def served(self) -> bool:
        return bool(self.url)

    @property
    def looks(self) -> bool:
        """Whether it is shown the current picture."""
        return self.sees or bool(self.mmproj)

    def eyes(self) -> Source:
        """Where the file of `mmproj` comes from: as the model itself does."""
        return Source(path=self.mmproj, repo=self.repo, revision=self.revision, files=self.files, licence=self.licence)

    @property
    def host(self) -> str:
        """Of the server, with its port if it has one."""
        return urlsplit(self.url).netloc

    @property
    def elsewhere(self) -> str:
        """The server's host where that is not this machine; else empty."""
        return "" if not self.url or _is_here(urlsplit(self.url).hostname or "") else self.host

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.url and (self.path or self.repo or self.gpu_layers or self.mmproj):
            raise ValueError("url stands alone: a server has its own files and its own card")
        if not self.url and (self.model or self.key):
            raise ValueError("model and key belong to a server; url says where it is")
        if not self.url and self.sees:
            raise ValueError("sees belongs to a server; a model in a file sees with mmproj, its second GGUF file")
        return self

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if self.repo and not self.path.endswith(".gguf"):
            raise ValueError("path says which GGUF file of the repository it is")
        if self.repo:
            inside(self.mmproj)
        if self.mmproj and not self.mmproj.endswith(".gguf"):
            raise ValueError("mmproj is a GGUF file")
        return self
