"""A program for a request: Chain of Programming with everything that is asked back given in the configuration."""

import asyncio
import datetime

import dagster as dg
from pydantic import Field

from assets.failures import told_clearly
from assets.geocode.knowledge import INDEX
from lake.settings import settings

PROGRAM = dg.AssetKey(["generation", "program"])


class GenerationConfig(dg.Config):
    """What `eecode generate` is told."""

    request: str = Field(description='"monthly NDVI of Wuhan 2020 as a chart"; in English or Chinese')
    language: str = Field(default="python", pattern="python|javascript")
    model: str = Field(default="local", description="As in AEF_ECON_LANGUAGE_MODELS.")
    answers: dict[str, str] = Field(
        default_factory=dict, description="Fields of the request (space_and_time, data, …), where it leaves them open."
    )
    without: list[str] = Field(default_factory=list, description="Steps that are left out.")
    rounds: int = Field(default=3, ge=0, description="Of debugging, at most.")
    seed: int = 0


@dg.asset(key=PROGRAM, deps=[INDEX], group_name="generation", kinds={"earthengine"}, pool="sandbox")
def program(context: dg.AssetExecutionContext, config: GenerationConfig) -> dg.MaterializeResult[None]:
    """A program that does what is asked for, run in the sandbox; its pool of information lies beside it."""
    from codegen.chain.asking import Given
    from codegen.chain.generate import generate
    from codegen.chain.output import program_path, write_output, write_program
    from codegen.chain.places import open_places
    from codegen.chain.steps import ALL
    from codegen.models.opening import open_model

    folder = settings().data_dir / "generated" / context.run_id
    steps = ALL.without(*config.without)
    with told_clearly(), open_places(steps, None, None, False, context.log.info) as places:
        made = asyncio.run(
            generate(
                config.request,
                open_model(config.model),
                pool_path=folder / "pool.json",
                language=config.language,  # type: ignore[arg-type]  # Dagster's configuration knows no Literal
                steps=steps,
                search=places.search,
                sandbox=places.sandbox,
                asker=Given(config.answers),
                seed=config.seed,
                rounds=config.rounds,
                data_sets=places.data_sets,
                date=datetime.datetime.now(datetime.UTC).date().isoformat(),
                take_result=True,
                simulated=places.simulated,
                say=context.log.info,
            )
        )
        write_program(made, folder)
        write_output(made, folder, places.sandbox, context.log.info)
    if not made.ran:
        why = made.program.reason or "it was not run"
        raise dg.Failure(description=f"No program that runs: {why}. The pool is in {folder}.", allow_retries=False)
    return dg.MaterializeResult(
        metadata={
            "program": dg.MetadataValue.md(f"```{config.language}\n{made.program.code}\n```"),
            "folder": dg.MetadataValue.path(program_path(made, folder).parent.resolve()),
            "simulated": made.setting.simulated,
            "questions to the model": len(made.record.calls),
        }
    )
