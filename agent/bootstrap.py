"""The one file that constructs things: store, models' processes, planner, conversation."""

import threading
from collections.abc import Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PIL import Image

from pentimento.agent.bundle import Restored, restore_bundle
from pentimento.agent.child import Child
from pentimento.agent.describing import Describing
from pentimento.agent.loop import Conversation
from pentimento.agent.planner import Planner
from pentimento.agent.policy import policy
from pentimento.agent.rewriting import Rewriter
from pentimento.agent.steps import PixelSteps
from pentimento.agent.types import AgentError, Completion, Form, Stop, StoreError
from pentimento.memory.store import Store
from pentimento.tools import TOOLS
from pentimento.tools.choosing import in_use, models_of
from pentimento.tools.engine import Engine
from pentimento.tools.families import READS
from pentimento.tools.profile import Profile, ProfileFile, load_profile
from pentimento.tools.types import Cancelled, NeedsRoom, Progress, Report, ToolCall, ToolError, ToolResult

if TYPE_CHECKING:
    from pentimento.agent.keeping import Keeper

DEFAULT_SESSION = "default"
ON_MACHINE, SERVED = "pentimento.agent.llm:load_planner", "pentimento.agent.endpoint:load_endpoint"
"""What makes a language model from a file, and one that a server has."""
OFF_CARD = "pentimento.agent.llm:load_beside"
"""What makes a language model that leaves the graphics card to the pictures."""
SESSIONS_NAMED = 5
WITHOUT = "No language model was loaded (--no-llm): write out a step, such as /adjust brightness=20 or /undo; /help lists them."


class ChildLLM:
    """The language model in its process, as an `LLM`."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        asked = messages, form, max_tokens
        return cast("Completion", self._child.call("complete", *asked, cancel=cancel, heeds=True))


class NoLLM:
    """Stands where a person wants no language model: steps that are written out need none."""

    def complete(self, *_: object, **__: object) -> Completion:
        raise AgentError(WITHOUT)


class Tools:
    """Runs tools: those that need models in the models' process, exact ones here, at once."""

    def __init__(self, child: Child, exact: Engine, beside: Child | None = None) -> None:
        """`beside` is the language model's process while it is on the graphics card; it leaves when a picture needs the room."""
        self._child = child
        self._exact = exact
        self._beside = beside

    def __call__(
        self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report, cancel: threading.Event
    ) -> ToolResult:
        if not TOOLS[call.tool].models_of(call.arguments):
            return self._run_here(call, inputs, report, cancel)
        method = "run" if self._beside is None else "run_beside"
        try:
            return cast("ToolResult", self._child.call(method, call, dict(inputs), report=report, cancel=cancel))
        except NeedsRoom:
            if self._beside is None:
                raise
            report(Progress("out of memory; the language model moves to the processor", 0.0))
            self._beside.remake(OFF_CARD)
            self._beside = None
            return self(call, inputs, report, cancel)

    def _run_here(
        self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report, cancel: threading.Event
    ) -> ToolResult:
        """Stopped where the tool reports, or else when it returns: then nothing of it is stored."""

        def tell(progress: Progress) -> None:
            _stop_if(cancel)
            report(progress)

        result = self._exact.run(call, inputs, tell)
        _stop_if(cancel)
        return result


def _stop_if(cancel: threading.Event) -> None:
    if cancel.is_set():
        raise Cancelled


def open_conversation(
    home: Path,
    session: str | None,
    profile: str | None = None,
    *,
    fresh: bool = False,
    known: bool = False,
    plans: bool = True,
) -> Conversation:
    """The session of that name, or the one used last; `fresh`: a new one, named after it with a number; `known`: none
    is made, a name must be one of those that there are. Without a `profile` the one that the home uses. Unless it
    `plans`, no language model is loaded or asked for anything.

    Raises `AgentError` or `StoreError` with a sentence.
    """
    models = models_of(home)
    profile, loaded = _profile(profile, models)
    store, name = _store(home, session, fresh=fresh, known=known)
    language = _language(profile, home, served=loaded.file.planner.served) if plans else None
    planner, pixels = _planner(loaded.file, language), _pixels(profile, home)
    tools = Tools(pixels, Engine(profile, models), language if loaded.file.planner.gpu_layers else None)
    run = Describing(planner.llm, tools, planner.max_tokens) if planner.looks else tools
    steps = PixelSteps(store, loaded, run, _rewriter(loaded.file, planner))
    processes = [child for child in (language, pixels) if child]

    def close() -> None:
        for child in processes:
            child.close()
        store.close()

    return Conversation(store, name, planner, steps, loaded.file.limits, partial(_warm_up, processes), close)


def _profile(wanted: str | None, models: Path) -> tuple[str, Profile]:
    """The profile and what it is asked for by."""
    try:
        name = wanted or in_use(models)
        return name, load_profile(name, models)
    except ToolError as error:
        raise AgentError(str(error)) from error


def _store(home: Path, session: str | None, *, fresh: bool, known: bool) -> tuple[Store, str]:
    """The home's store, and the name of the session, which is in it."""
    store = Store(home)
    try:
        name = _session_name(store, session, fresh=fresh, known=known)
        store.session(name)
    except (AgentError, StoreError):
        store.close()
        raise
    return store, name


def _planner(file: ProfileFile, language: Child | None) -> Planner:
    if language is None:
        return Planner(NoLLM(), use_system=False, vocabulary=file.vocabulary)
    model = file.planner
    return Planner(ChildLLM(language), model.system, model.max_tokens, model.elsewhere, model.looks, file.vocabulary)


def _rewriter(file: ProfileFile, planner: Planner) -> Rewriter:
    room = READS.get(file.image.family, 0)
    return Rewriter(file.rewrite.contract, room, planner.llm if planner.use_system else None)


def _warm_up(processes: list[Child]) -> None:
    for child in processes:
        child.start()
    # Half a second, which the first message need not wait for.
    policy()


def restore(home: Path, file: Path, name: str = "") -> Restored:
    """A bundle's session, stored, and used last. Raises `AgentError` or `StoreError` with a sentence."""
    with Store(home) as store:
        return restore_bundle(store, file, name)


def open_keeper(home: Path) -> "Keeper":
    """For what is done with a whole home. Raises `StoreError`."""
    from pentimento.agent.keeping import Keeper

    return Keeper(Store(home))


def _session_name(store: Store, wanted: str | None, *, fresh: bool, known: bool) -> str:
    used = [session.name for session in store.sessions()]
    name = wanted if wanted is not None else used[0] if used else DEFAULT_SESSION
    if known and wanted is not None and wanted not in used:
        raise AgentError(f"There is no session “{wanted}”; there {_named(used)}.")
    if not fresh:
        return name
    return next(free for number in count(1) if (free := f"{name}-{number}") not in used)


def _named(sessions: list[str]) -> str:
    """The sessions used last, for a sentence."""
    few = sessions[:SESSIONS_NAMED]
    more = ", …" if len(sessions) > len(few) else ""
    return f"are: {', '.join(few)}{more}" if few else "is none yet"


def _language(profile: str, home: Path, *, served: bool) -> Child:
    factory = SERVED if served else ON_MACHINE
    return Child("language", factory, (profile, models_of(home)), home / "language.log")


def _pixels(profile: str, home: Path) -> Child:
    return Child("picture", "pentimento.tools.engine:load_engine", (profile, models_of(home)), home / "picture.log")
