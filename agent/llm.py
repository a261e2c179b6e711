"""The local language model behind llama-cpp-python, which only this file and `greedy.py` know.

One object belongs to one thread: llama.cpp corrupts its heap when two use it at once.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pentimento.agent import grammar as gbnf
from pentimento.agent.shown import in_parts, shows
from pentimento.agent.types import AgentError, Completion, Form, PromptTooLong, Stop
from pentimento.tools import gguf_file
from pentimento.tools.broken import BrokenFile
from pentimento.tools.profile import load_profile
from pentimento.tools.types import Cancelled

if TYPE_CHECKING:
    from llama_cpp import Llama
    from llama_cpp.llama_chat_format import MTMDChatHandler
    from llama_cpp.llama_grammar import LlamaGrammar


_SMALL = 100_000_000
_FEW, _MANY = 4, 8
"""Beyond few, two of the cores that the system counts are mostly one; beyond many, memory sets the pace."""


class LlamaCpp:
    """A GGUF file, held in memory; `complete` is deterministic."""

    def __init__(
        self, path: str, n_ctx: int = 2048, threads: int | None = None, gpu_layers: int = 0, mmproj: str = ""
    ) -> None:
        """Loads the file; raises `AgentError` when it is missing or no GGUF.

        `n_ctx` is the longest prompt with its completion, in tokens; `threads` are as many as suit the model where none are said;
        `gpu_layers` -1 puts every layer on the graphics card; `mmproj` is the GGUF file with which the model sees pictures.
        """
        for file in filter(None, (path, mmproj)):
            if not Path(file).is_file():
                raise AgentError(
                    f"The language model {file} is not there; check the profile or install the model again."
                )
        self._n_ctx = n_ctx
        self._evaluated: list[int] = []
        """Tokens of each pass through the model since the last call; the first pass is the prompt."""
        self._stop: Stop | None = None
        self._llama = self._load(path, threads or threads_for(Path(path).stat().st_size), gpu_layers)
        self._eyes = _eyes(mmproj, self._llama, gpu_layers) if mmproj else None

    def _load(self, path: str, threads: int, gpu_layers: int) -> "Llama":
        from jinja2 import TemplateError
        from llama_cpp import Llama

        from pentimento.agent.greedy import Greedy, ReadGrammar

        before, read = self._before_pass, dict[str, ReadGrammar]()

        class Watched(Llama):
            """Tells how many tokens each pass evaluates: what the prefix cache held is not among them.

            Of a grammar it asks no more than it has to.
            """

            def eval(self, tokens: Sequence[int]) -> None:
                before(len(tokens))
                super().eval(tokens)

            def _init_sampler(self, *settings: Any, grammar: "LlamaGrammar | None" = None, **more: Any) -> Any:  # noqa: ANN401
                if grammar is None:
                    return super()._init_sampler(*settings, **more)
                text, root = vars(grammar)["_grammar"], vars(grammar)["_root"]
                if text not in read:
                    read[text] = ReadGrammar(self._model.vocab, self._n_vocab, text, root)
                return Greedy(read[text])

        kind = "?"
        try:
            # llama.cpp ends the whole process for some files.
            kind = _kind(gguf_file.read_header(Path(path)))
            llama = Watched(
                path,
                n_ctx=self._n_ctx,
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=gpu_layers,
                verbose=False,
            )
        except (BrokenFile, TemplateError, OSError, AssertionError) as error:
            raise AgentError(f"The language model {path} can't be loaded; it is damaged or no GGUF file.") from error
        except ValueError as error:
            raise AgentError(
                f"The language model {path} can't be loaded: llama.cpp knows no model of its kind, {kind}, or its weights"
                " don't fit that; take another GGUF file."
            ) from error
        self._stoppable(llama)
        return llama

    def _stoppable(self, llama: "Llama") -> None:
        """Between two layers too: a long prompt takes a large model many seconds. A card is asked between passes alone."""
        import llama_cpp

        # llama.cpp keeps the address only; without this reference it would call what is no more.
        self._asks = llama_cpp.ggml_abort_callback(lambda _data: self._told_to_stop())
        llama_cpp.llama_set_abort_callback(llama.ctx, self._asks, None)

    def _told_to_stop(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _before_pass(self, tokens: int) -> None:
        if self._told_to_stop():
            raise Cancelled
        self._evaluated.append(tokens)

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        """The model's answer to `messages` (role, content), held to the form's grammar if it has one, by greedy decoding.

        Raises `PromptTooLong` when prompt and answer do not fit into the context, `AgentError` for a grammar that llama.cpp
        would die of, `Cancelled` within a word once `cancel` is set; what was evaluated until then is not lost.
        """
        self._stop = cancel
        if self._told_to_stop():
            raise Cancelled
        self._evaluated.clear()
        try:
            answer = self._answer(messages, form, max_tokens)
        except ValueError as error:
            raise PromptTooLong(self._n_ctx) from error
        except RuntimeError as error:
            if not self._told_to_stop():
                raise
            raise Cancelled from error
        choice = answer["choices"][0]
        if choice["finish_reason"] == "length" and answer["usage"]["total_tokens"] >= self._n_ctx:
            raise PromptTooLong(self._n_ctx)
        return Completion(
            text=choice["message"]["content"] or "",
            evaluated=self._evaluated[0] if self._evaluated else 0,
            generated=answer["usage"]["completion_tokens"],
            finished=choice["finish_reason"] == "stop",
        )

    def _answer(self, messages: list[dict[str, str]], form: Form, max_tokens: int) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "grammar": _compiled(form.grammar) if form.grammar else None,
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "top_k": 1,
            "repeat_penalty": 1.0,
            "seed": 0,
        }
        if shows(messages):
            return self._seeing(messages, settings)
        return cast("dict[str, Any]", self._llama.create_chat_completion(cast("Any", messages), **settings))

    def _seeing(self, messages: list[dict[str, str]], settings: dict[str, Any]) -> dict[str, Any]:
        if self._eyes is None:
            raise AgentError("The language model sees no pictures; name its mmproj in the profile.")
        llama: Any = self._llama
        try:
            answer = self._eyes(llama=llama, messages=cast("Any", [*map(in_parts, messages)]), **settings)
        except ValueError as error:
            if self._told_to_stop():
                raise Cancelled from error
            if "n_ctx" in str(error) or "context window" in str(error):
                raise
            raise AgentError(f"The language model can't look at the picture ({error}); take another mmproj.") from error
        finally:
            # The tokens of a picture are known by none of their own: what comes next must not take them for words it shares.
            llama.reset()
        told = cast("dict[str, Any]", answer)
        self._evaluated.insert(0, told["usage"]["prompt_tokens"])  # It went through the model in parts.
        return told

    def close(self) -> None:
        """Gives the memory back; the object must not be used afterwards (llama.cpp would end the process)."""
        self._llama.close()


def threads_for(size: int) -> int:
    """How many suit a model of so many bytes on this machine.

    A small one is through a layer before another thread has woken up, and threads that wait for each other spin, many times
    slower when another program wants a core.
    """
    if size < _SMALL:
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, max(_FEW, usable // 2), _MANY)


def load_planner(profile: str, models: Path, *, card: bool = True) -> LlamaCpp:
    """The language model of a profile, which may lie in the home's folder of models; without `card` on the processor alone.

    Raises `ToolError` or `AgentError` where there is none.
    """
    loaded = load_profile(profile, models)
    planner = loaded.file.planner
    layers = planner.gpu_layers if card else 0
    mmproj = str(loaded.path("planner mmproj")) if planner.mmproj else ""
    return LlamaCpp(str(loaded.path("planner")), planner.context, gpu_layers=layers, mmproj=mmproj)


def load_beside(profile: str, models: Path) -> LlamaCpp:
    """`load_planner` where the pictures need the whole card."""
    return load_planner(profile, models, card=False)


def _eyes(mmproj: str, llama: "Llama", gpu_layers: int) -> "MTMDChatHandler":
    """What lets a loaded model see, by its own chat template. Raises `AgentError`."""
    from llama_cpp._logger import llama_log_callback
    from llama_cpp.llama_chat_format import MTMDChatHandler

    class Eyes(MTMDChatHandler):
        """Loaded at once: else what is wrong with it would be said with the first picture."""

        def open(self) -> None:
            # It would write down what is said.
            self._mtmd_cpp.mtmd_log_set(llama_log_callback, None)
            self._mtmd_cpp.mtmd_helper_log_set(llama_log_callback, None)
            self._init_mtmd_context(llama)

    try:
        gguf_file.check(Path(mmproj))
        eyes = Eyes(mmproj, verbose=False, use_gpu=gpu_layers != 0)
        eyes.open()
    except (BrokenFile, ValueError) as error:
        raise AgentError(
            f"{mmproj} can't be loaded as the eyes of this language model; take the mmproj that is published with it."
        ) from error
    except (OSError, RuntimeError) as error:  # The library of that part is not in every build.
        raise AgentError(
            "This build of llama.cpp sees no pictures; say make run BUILD=vision, or take mmproj out of the profile."
        ) from error
    return eyes


def _kind(header: gguf_file.Header) -> str:
    named = header.values.get("general.architecture", b"?")
    return named.decode("ascii", "replace")[:40] if isinstance(named, bytes) else "?"


@lru_cache(maxsize=8)
def _compiled(grammar: str) -> "LlamaGrammar":
    from llama_cpp.llama_grammar import LlamaGrammar

    gbnf.check(grammar)
    return LlamaGrammar.from_string(grammar, verbose=False)
