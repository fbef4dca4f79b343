"""Environment variables that libraries read when they are imported; a user's own values win."""

QUIET = {
    # Usage statistics go nowhere.
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "False",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "False",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    # Threads of torch that wait for one another give the processor away. Spinning, two of them took 13 minutes for what
    # takes half of one, while other programs used the two cores.
    "OMP_WAIT_POLICY": "passive",
    # sqlite commits each event by itself otherwise: 160 partitions took 19 s, in batches 6 s.
    "DAGSTER_EVENT_BATCH_SIZE": "500",
}
