"""The tables of a knowledge base as views of DuckDB."""

from pathlib import Path

import duckdb

from lake.errors import BadInputError


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection in which each table is a view of its name; it sees no other file.

    Args:
        folder: Of the knowledge base.
    """
    connection = duckdb.connect()
    quoted = str(folder.resolve()).replace("'", "''")
    connection.execute(f"SET allowed_directories = ['{quoted}']")
    connection.execute("SET enable_external_access = false")
    for path in sorted(folder.glob("*.parquet")):
        connection.read_parquet(str(path.resolve())).create_view(path.stem)
    connection.execute("SET lock_configuration = true")
    return connection


def query(folder: Path, text: str) -> str:
    """The answer to a query, as it is printed.

    Raises:
        BadInputError: DuckDB refuses it; says why.
    """
    with connect(folder) as connection:
        try:
            return str(connection.sql(text) or "")
        except duckdb.Error as error:
            raise BadInputError(f"DuckDB: {error}") from None
