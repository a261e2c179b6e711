"""The one place that talks to a hub of models: what a repository holds at a revision, and the bytes of one file.

Only `pentimento models pull` comes here; everything else runs with the hub's libraries told to stay offline.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

PATIENCE = 30.0
"""Seconds without an answer, or without a byte."""
SILENT = ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_DISABLE_UPDATE_CHECK")
"""Nobody is told what is installed here, or by whom the program was started."""


class Interrupted(ToolError):
    """The connection broke off; what has arrived can be gone on from."""


@dataclass(frozen=True)
class RemoteFile:
    name: str
    """Path within the repository, as the hub says; not to be trusted."""
    size: int
    sha256: str
    """Of a large file; empty for a small one."""
    blob: str
    """git's hash of a small file; may be empty."""


@dataclass(frozen=True)
class Remote:
    """What a repository holds at a commit."""

    repo: str
    commit: str
    licence: str
    files: tuple[RemoteFile, ...]


class Hub:
    """The one that HF_ENDPOINT names, else the public one."""

    def __init__(self) -> None:
        # Read when the library is imported, which in this process is here.
        os.environ.update(dict.fromkeys(SILENT, "1"))
        from huggingface_hub import HfApi

        self._version = version("pentimento")
        self._api = HfApi(library_name="pentimento", library_version=self._version)

    def look(self, repo: str, revision: str) -> Remote:
        """Raises `ToolError` with what to do."""
        with self._told(repo, revision):
            info = self._api.model_info(repo, revision=revision, files_metadata=True, timeout=PATIENCE)
        files = tuple(_remote(sibling) for sibling in info.siblings or ())
        return Remote(repo, info.sha or "", _licence(info), files)

    @contextmanager
    def bytes_of(self, remote: Remote, name: str, start: int = 0) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Where the bytes begin that come, `start` or 0 where the hub can't skip, and the bytes.

        Raises `Interrupted` when the connection breaks off, `ToolError` otherwise.
        """
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

        url = hf_hub_url(remote.repo, name, revision=remote.commit, endpoint=self._api.endpoint)
        named = build_hf_headers(library_name="pentimento", library_version=self._version)
        headers = {**named, "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with (
            self._told(remote.repo, remote.commit),
            get_session().stream("GET", url, headers=headers, timeout=PATIENCE) as answer,
        ):
            hf_raise_for_status(answer)
            skipped = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(
                f"bytes {start}-"
            )
            # As they come: what waits for a whole chunk is lost when the connection breaks off.
            yield (start if skipped else 0), answer.iter_bytes()

    @contextmanager
    def _told(self, repo: str, revision: str) -> Iterator[None]:
        """What goes wrong with a hub, as one sentence that says what to do."""
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

        try:
            yield
        except OfflineModeIsEnabled as error:
            raise ToolError("HF_HUB_OFFLINE is set, so nothing is fetched; unset it and say it again.") from error
        except HfHubHTTPError as error:
            raise self._refusal(error, repo, revision) from error
        except HFValidationError as error:
            raise ToolError(f"{repo} at {revision} is no name that a hub has; correct it in the profile.") from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise ToolError(f"{self._api.endpoint} is no address of a hub; correct or unset HF_ENDPOINT.") from error
        except httpx2.HTTPError as error:
            raise Interrupted(
                f"{self._api.endpoint} can't be reached, or broke off ({type(error).__name__}); check the connection and say"
                " it again, what has arrived is kept."
            ) from error
        except (ValueError, TypeError, KeyError) as error:
            raise ToolError(f"{self._api.endpoint} gives answers that no hub gives; is HF_ENDPOINT right?") from error

    def _refusal(self, error: "HfHubHTTPError", repo: str, revision: str) -> ToolError:
        from huggingface_hub.errors import GatedRepoError, RemoteEntryNotFoundError, RevisionNotFoundError

        status, page = error.response.status_code, f"{self._api.endpoint}/{repo}"
        if isinstance(error, RevisionNotFoundError | RemoteEntryNotFoundError):
            return ToolError(
                f"{repo} has nothing of that name at {revision}; correct revision or files in the profile."
            )
        if isinstance(error, GatedRepoError) or status == 403:
            return ToolError(
                f"{repo} is given to those alone who accept its licence; accept it at {page}, log in with: hf auth login,"
                " then say it again."
            )
        if status == 401:
            return ToolError(
                f"The hub shows {repo} to nobody without a name: log in with hf auth login, or correct the name in the"
                f" profile; whether it exists you see at {page}."
            )
        if status == 404:
            return ToolError(f"The hub has no {repo}; correct the name in the profile.")
        return ToolError(f"The hub answers with error {status}; try again later, what has arrived is kept.")


def _remote(sibling: "RepoSibling") -> RemoteFile:
    sha256 = sibling.lfs.sha256 if sibling.lfs is not None else ""
    return RemoteFile(sibling.rfilename, sibling.size or 0, sha256, "" if sha256 else sibling.blob_id or "")


def _licence(info: "ModelInfo") -> str:
    """As the repository's own card names it, the name rather than "other"."""
    card = info.card_data.to_dict() if info.card_data is not None else {}
    named = card.get("license_name") or card.get("license") or ""
    return named if isinstance(named, str) else ""
