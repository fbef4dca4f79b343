"""Settings: the one place where the environment is read."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lake.errors import BadInputError

REPOSITORY = Path(__file__).resolve().parents[1]

Profile = Literal["tiny", "demo", "study", "paper"]


class Settings(BaseSettings):
    """Everything that a user may set; each field is an environment variable, also read from `.env`.

    Names carry the prefix `AEF_ECON_`, but for the ones that other tools already gave a name
    (`EE_PROJECT`, `MLFLOW_TRACKING_URI`, `GOOGLE_APPLICATION_CREDENTIALS`).
    """

    model_config = SettingsConfigDict(
        env_prefix="AEF_ECON_",
        env_file=REPOSITORY / ".env",
        env_ignore_empty=True,  # `.env.example`, copied as it is, changes nothing
        extra="ignore",
        populate_by_name=True,
    )

    data_dir: Path = Field(
        default=REPOSITORY / "data", description="Folder of everything that is local: lake, warehouse, MLflow, Dagster."
    )
    lake: str = Field(default="", description="Lake root: a folder or `s3://bucket/prefix`. Default: DATA_DIR/lake.")
    s3_endpoint_url: str = Field(default="", description="Endpoint of an S3-compatible server; empty for AWS.")
    profile: Profile = Field(
        default="demo", description="Scale: `tiny` (tests), `demo`, `study` or `paper` (see lake/profiles)."
    )

    ee_project: str = Field(
        default="", validation_alias="EE_PROJECT", description="Google Cloud project; set: real Earth Engine is used."
    )
    ee_service_account_key: str = Field(
        default="",
        validation_alias="GOOGLE_APPLICATION_CREDENTIALS",
        description="Path of a service account's key; empty: application default credentials.",
    )
    ee_emulator_url: str = Field(
        default="", description="A local Earth Engine that already runs; empty: one is started when needed."
    )
    ee_catalog: str = Field(default="", description="Folder with a catalog.yaml of your own rasters and tables.")
    ee_assets: str = Field(
        default="projects/local-ee/assets", description="Folder of the user assets: urban form, POIs, places."
    )
    indices_sensor: Literal["landsat", "sentinel2"] = Field(
        default="landsat", description="Sensor of the remote-sensing indices."
    )
    text_encoder: str = Field(
        default="universal-sentence-encoder",
        description="`universal-sentence-encoder` (embedded) or the name of a sentence-transformers model.",
    )

    observations: str = Field(
        default="",
        description="Folder of your label observations (points.parquet|csv, districts.parquet|csv); empty: simulated.",
    )
    scripts: str = Field(
        default="",
        description="Scripts of the knowledge base besides the embedded ones: folders, .jsonl files and URLs of git "
        "repositories, separated by commas.",
    )
    language_models: str = Field(
        default="reference,local",
        description="Language models that Dagster evaluates, separated by commas: `reference` (the benchmark's own "
        "solutions), `local` (embedded), `openai-api/SERVICE/MODEL`, or PROVIDER/MODEL of inspect_ai.",
    )
    benchmark: str = Field(
        default="", description="A benchmark in AutoGEEval's published form; empty: ours, built when needed."
    )
    mlflow_tracking_uri: str = Field(
        default="", validation_alias="MLFLOW_TRACKING_URI", description="Default: sqlite:///DATA_DIR/mlflow.db."
    )
    model_name: str = Field(default="aef-econ", description="Name in the model registry.")

    experiments_executor: Literal["local", "ray"] = Field(
        default="local",
        description="Where experiments run: `local` processes, or `ray` (a cluster where RAY_ADDRESS names one).",
    )
    experiments_table: str = Field(
        default="", description="A CSV of your own experiments, with the columns of ml/experiments/experiments.csv."
    )

    @property
    def lake_root(self) -> str:
        """Lake root with the default filled in."""
        return self.lake or str(self.data_dir / "lake")

    @property
    def tracking_uri(self) -> str:
        """MLflow tracking URI with the default filled in."""
        return self.mlflow_tracking_uri or f"sqlite:///{self.data_dir / 'mlflow.db'}"

    @property
    def artifact_root(self) -> str:
        """Where MLflow puts artifacts when this project creates the experiment."""
        return str(self.data_dir / "mlflow-artifacts")

    @property
    def duckdb_path(self) -> Path:
        """The dbt warehouse file."""
        return self.data_dir / "warehouse" / "chn_econ.duckdb"

    @property
    def benchmark_dir(self) -> Path:
        """Folder of the benchmark, with the default filled in."""
        return Path(self.benchmark) if self.benchmark else self.data_dir / "benchmark"

    @property
    def uses_real_earth_engine(self) -> bool:
        """True where `EE_PROJECT` is set."""
        return bool(self.ee_project)

    @property
    def is_simulated(self) -> bool:
        """True where the streams may come from the simulated planet; shown wherever a person meets the data."""
        return not self.uses_real_earth_engine


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings, read once.

    Raises:
        BadInputError: A variable has a value that it cannot have; names each.
    """
    try:
        return Settings()
    except ValidationError as error:
        told = [f"{_variable(str(problem['loc'][0]))}: {problem['msg']}" for problem in error.errors()]
        raise BadInputError(f"Settings that cannot be: {'; '.join(told)}. See .env.example for what can.") from None


def _variable(field: str) -> str:
    """The environment variable of a field, which pydantic names by its alias where it has one."""
    return f"AEF_ECON_{field.upper()}" if field in Settings.model_fields else field
