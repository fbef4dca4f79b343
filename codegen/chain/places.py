"""Where a command's chain looks things up and runs programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codegen.chain.steps import Steps
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.retrieval.questions import KnowledgeSearch
    from codegen.sandbox.sandbox import Sandbox


class Places(NamedTuple):
    """What a chain works with; None where there is none.

    Attributes:
        search: The knowledge base.
        sandbox: Where programs run.
        data_sets: Ids that Earth Engine serves there, where they are few.
        simulated: Whether its planet is simulated: it is a local one.
    """

    search: KnowledgeSearch | None
    sandbox: Sandbox | None
    data_sets: list[str] | None
    simulated: bool


@contextmanager
def open_places(
    steps: Steps, knowledge: Path | None, url: str | None, unsafe_local: bool, say: Callable[[str], None]
) -> Iterator[Places]:
    """Opens what the steps need.

    Args:
        steps: Those that are taken.
        knowledge: Folder of the knowledge base; None: the default one, if it is there.
        url: Of Earth Engine; None: that of the settings, or else a local one is started.
        unsafe_local: Whether programs run without a sandbox.
        say: Is told what is not there.

    Raises:
        BadInputError: The knowledge base that is named is none.
        SandboxMissingError: There is no sandbox on this machine.
    """
    from codegen.sandbox.sandbox import open_sandbox
    from ee_emulator.client import DEFAULT_PROJECT

    search = _knowledge(knowledge, say) if steps.has("retrieval") else None
    with ExitStack() as stack:
        if not steps.has("execution"):
            yield Places(search, None, None, False)
            return
        address, data_sets = stack.enter_context(_earth_engine(url))
        project = settings().ee_project or DEFAULT_PROJECT
        sandbox = stack.enter_context(open_sandbox(address, unsafe_local=unsafe_local, project=project))
        yield Places(search, sandbox, data_sets, not address.startswith("https://"))


def _knowledge(given: Path | None, say: Callable[[str], None]) -> KnowledgeSearch | None:
    from codegen.retrieval.questions import KnowledgeSearch

    folder = given or settings().data_dir / "knowledge"
    if given is None and not (folder / "manifest.json").exists():
        say(f"There is no knowledge base in {folder}, so nothing is looked up; `eecode kb build` makes one.")
        return None
    return KnowledgeSearch.open(folder, folder / "index")


@contextmanager
def _earth_engine(given: str | None) -> Iterator[tuple[str, list[str] | None]]:
    from ee_emulator.planet.catalog import SimulatedCatalog
    from ee_emulator.process import start_emulator

    url = given or settings().ee_emulator_url
    if url:
        yield url, None
        return
    with start_emulator() as emulator:
        yield emulator.url, [id for id in SimulatedCatalog().assets if not id.startswith("projects/")]
