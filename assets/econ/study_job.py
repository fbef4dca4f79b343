"""`aef-econ experiments`: streams, labels, rows of the table, what is made of them; each where it is out of date."""

from assets.econ import upkeep
from assets.econ.experiments import experiments, study_plan
from assets.econ.main_job import Phases
from assets.partitions import keys_of
from assets.resources import CityLake
from lake.settings import settings


def run_study(phases: Phases) -> None:
    """All phases of the study at the configured scale.

    Raises:
        PhaseFailedError: A phase failed; those after it were not begun.
    """
    from ml.diagnostics.report import is_diagnosed
    from ml.experiments.pipeline import is_reported
    from ml.experiments.runner import pending

    lake = CityLake()
    store, wanted, rows = lake.store, keys_of(lake.scale), experiments()
    phases.partitioned("Streams and observations", "econ_streams", wanted, upkeep.needs_streams)
    phases.once("Labels", "econ_labels", upkeep.needs_labels(store, wanted))
    upkeep.remember_labels(store, wanted)
    plan = study_plan(lake)
    phases.once("Rows of the study", "econ_study", is_stale=False)
    phases.rows("Experiments", "econ_experiments", [row.name for row in rows], pending(plan, rows))
    phases.once("Table, report, champion", "econ_experiment_report", is_stale=not is_reported(store, rows))
    phases.once("Diagnostics", "econ_diagnostics", is_stale=not is_diagnosed(plan, rows))
    phases.once("Capacity and compression", "econ_size_studies", upkeep.needs_size_studies(store, wanted))
    upkeep.remember_size_studies(store, wanted)


def study_summary() -> str:
    """The ablation table, what was hoped for, the champion, and where the report is."""
    from ml.diagnostics.report import PAGE
    from ml.experiments.champion import choose_champion
    from ml.experiments.pipeline import REPORT
    from ml.experiments.report import report_markdown
    from ml.experiments.scores import ablation
    from ml.score_tables import label_categories

    store, rows = CityLake().store, experiments()
    found = ablation(store, rows, label_categories())
    told = report_markdown(found, rows, choose_champion(store, rows))
    pages = f"Report       {store.uri(REPORT)}\nDiagnostics  {store.uri(PAGE)}"
    return f"{told}\n\n{pages}\nMLflow       {settings().tracking_uri}"
