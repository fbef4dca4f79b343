"""Outcomes of the quality room as Dagster's asset checks.

An asset has two checks: `contract` gathers the outcomes that stop the next step, `plausibility` those that a person
should look at. A check an outcome would read better, but Dagster's sqlite log takes about 0.05 s for each planned and
each evaluated check: the 63 of seven streams cost more than extracting the streams. What each outcome says stands in
the result's metadata.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import dagster as dg

from quality.outcome import CheckSpec, Outcome

Outcomes = Mapping[str, Sequence[Outcome]]
"""Outcomes of each partition of a run, by partition key; the key is empty where there are no partitions."""

CONTRACT, PLAUSIBILITY = "contract", "plausibility"
_NAMES = {True: CONTRACT, False: PLAUSIBILITY}


def declared(specs: Iterable[CheckSpec], asset: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The checks of an asset as Dagster has to know them before any data is there."""
    sentences: dict[bool, list[str]] = {}
    for spec in specs:
        sentences.setdefault(spec.blocking, []).append(f"- **{spec.name}**: {spec.description}")
    return [
        dg.AssetCheckSpec(_NAMES[blocking], asset=asset, blocking=blocking, description="\n".join(lines))
        for blocking, lines in sentences.items()
    ]


def results(outcomes: Outcomes, asset: dg.AssetKey) -> Iterator[dg.AssetCheckResult]:
    """The results of an asset's checks over all partitions of the run: passed where every outcome in each is."""
    for blocking, name in _NAMES.items():
        found = [(key, outcome) for key, all_ in outcomes.items() for outcome in all_ if outcome.blocking is blocking]
        if not found:
            continue
        failed = [(key, outcome) for key, outcome in found if not outcome.passed]
        yield dg.AssetCheckResult(
            asset_key=asset,
            check_name=name,
            passed=not failed,
            severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
            description=" ".join(map(_sentence, failed)) or None,
            metadata={"outcomes": dg.MetadataValue.md(_table(found))},
        )


def blocked(outcomes: Iterable[Outcome]) -> bool:
    """True where a blocking outcome failed."""
    return any(outcome.blocking and not outcome.passed for outcome in outcomes)


def any_blocked(outcomes: Outcomes) -> bool:
    """True where one failed in any partition."""
    return any(blocked(found) for found in outcomes.values())


def _sentence(found: tuple[str, Outcome]) -> str:
    key, outcome = found
    return f"{key} {outcome.name}: {outcome.description}".strip()


def _table(found: Sequence[tuple[str, Outcome]]) -> str:
    lines = ["| partition | check | passed | numbers |", "|---|---|---|---|"]
    for key, outcome in found:
        numbers = ", ".join(f"{name} {_number(value)}" for name, value in outcome.metrics.items())
        partition = key.replace("|", "\\|") or "all"  # a bar would begin another column
        lines.append(f"| {partition} | {outcome.name} | {'yes' if outcome.passed else '**no**'} | {numbers} |")
    return "\n".join(lines)


def _number(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
