"""The two case studies: their references have no fault, run on a local Earth Engine, and give pictures."""

import asyncio
import json
from pathlib import Path

import pytest

from codegen.chain.examples import STUDIES, Study, reference, request
from codegen.chain.generate import generate
from codegen.chain.output import write_output
from codegen.chain.steps import ALL
from codegen.checking.check import check
from codegen.sandbox.outcome import Language
from codegen.sandbox.sandbox import Sandbox
from ee_emulator.planet.catalog import SimulatedCatalog
from tests.codegen.chain.support import FORM, Scripted, block

GIVES: dict[tuple[Study, Language], set[str]] = {
    ("buildings", "python"): {"building_height.png", "statistics.json", "statistics_chart.png"},
    ("buildings", "javascript"): {"building_height.png"},
    ("fire", "python"): {
        "burn_severity.png", "hectares.json", "hectares_chart.png", "monthly_NBR.json", "monthly_NBR_chart.png",
    },
    ("fire", "javascript"): {"burn_severity.png"},
}  # fmt: skip


@pytest.mark.parametrize(("study", "language"), GIVES)
def test_the_reference_is_what_a_good_model_would_write(
    study: Study, language: Language, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A model that writes the reference has it checked, run and looked at like any other program."""
    code = reference(study, language)
    assert check(code, language, set(SimulatedCatalog().assets)) == ()
    model = Scripted([json.dumps(FORM), block(code, language)])
    steps = ALL.without("design")
    pool = asyncio.run(
        generate(request(study), model, language=language, sandbox=sandbox, steps=steps, take_result=True)
    )
    assert pool.ran, pool.program.reason
    assert pool.state.rounds == []
    said: list[str] = []
    write_output(pool, tmp_path, sandbox, said.append)
    assert said == []
    assert {path.name for path in (tmp_path / "output").iterdir()} == {"printed.txt", *GIVES[study, language]}


def test_there_are_two_studies_in_two_languages() -> None:
    assert {(study, language) for study in STUDIES for language in ("python", "javascript")} == set(GIVES)
