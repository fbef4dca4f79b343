"""The dbt project with its manifest, and the resource that runs it in the environment that the profile reads."""

import os
import sys
import tempfile
from pathlib import Path
from subprocess import run

from dagster_dbt import DbtCliResource, DbtProject

from lake.settings import REPOSITORY, settings

PROJECT_DIR = REPOSITORY / "dbt_project"
_TARGET = settings().data_dir.resolve() / "dbt"
_SOURCES = ("dbt_project.yml", "models", "seeds", "macros", "tests")
DBT_EXECUTABLE = Path(sys.executable).parent / "dbt"
"""By its path: `.venv/bin` need not be on PATH."""


def prepared_project() -> DbtProject:
    """The project with an up-to-date manifest, which the asset graph is read from; parsed only when something changed.

    Raises:
        RuntimeError: dbt cannot parse the project; carries its output.
    """
    os.environ.update(dbt_environment())  # dagster-dbt hands its own environment on
    manifest = _TARGET / "manifest.json"
    if not manifest.exists() or manifest.stat().st_mtime < _last_change():
        _parse_into(manifest)
    return DbtProject(project_dir=PROJECT_DIR, target_path=_TARGET, profiles_dir=PROJECT_DIR)


def dbt_resource() -> DbtCliResource:
    """Runs the dbt of this environment."""
    return DbtCliResource(
        project_dir=str(PROJECT_DIR), profiles_dir=str(PROJECT_DIR), dbt_executable=str(DBT_EXECUTABLE)
    )


def dbt_environment() -> dict[str, str]:
    """What `dbt_project/profiles.yml` and the sources read from the environment."""
    configured = settings()
    configured.duckdb_path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "AEF_ECON_LAKE_ROOT": configured.lake_root,
        "AEF_ECON_DUCKDB": str(configured.duckdb_path),
        "AEF_ECON_S3_ENDPOINT_URL": configured.s3_endpoint_url,
        "DBT_TARGET_PATH": str(_TARGET),  # each run has a folder of its own in it
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    }


def _last_change() -> float:
    files = (file for name in _SOURCES for file in [PROJECT_DIR / name, *(PROJECT_DIR / name).rglob("*.*")])
    return max(file.stat().st_mtime for file in files)


def _parse_into(manifest: Path) -> None:
    """Parses beside the target and renames: code servers that start at once do not read half a manifest."""
    manifest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=manifest.parent) as folder:
        command = [str(DBT_EXECUTABLE), "parse", "--quiet", "--project-dir", str(PROJECT_DIR)]
        command += ["--profiles-dir", str(PROJECT_DIR), "--target-path", folder, "--log-path", folder]
        parsed = run(command, capture_output=True, text=True, check=False, cwd=PROJECT_DIR)
        if parsed.returncode:
            raise RuntimeError(f"dbt cannot parse {PROJECT_DIR}:\n{parsed.stdout}{parsed.stderr}")
        (Path(folder) / "manifest.json").replace(manifest)


DBT_PROJECT = prepared_project()
