"""The model card: what is registered, what it takes, what it was trained on and how well it does."""

from collections.abc import Sequence

from lake.streams import STREAMS

ATTRIBUTION = (
    "AlphaEarth Foundations Satellite Embedding dataset, produced by Google and Google DeepMind, "
    "licensed under CC-BY-4.0."
)


def model_card(
    name: str,
    partitions: Sequence[tuple[str, int]],
    rows: int,
    data_version: str,
    digest: str,
    simulated: bool,
    scores: str,
) -> str:
    """Markdown.

    Args:
        name: Registered name.
        partitions: Cities and years trained on.
        rows: Pixel-years of them.
        data_version: Digest of the streams.
        digest: Digest of the weights.
        simulated: True where the streams came from the simulated planet.
        scores: Score table, Markdown.
    """
    cities = sorted({city for city, _ in partitions})
    years = sorted({year for _, year in partitions})
    return f"""# {name}

{_origin(simulated)}

A network that fuses seven geospatial streams of a 100 m pixel and year into one embedding of 256 dimensions and unit
length, trained by capacity-adaptive reconstruction (CAR, after arXiv 2606.20697; no label is used). Its leading 128 and
64 dimensions, scaled to unit length, are embeddings too.

## Use

```python
model = mlflow.pyfunc.load_model("models:/{name}@champion")
embeddings = model.predict(table)  # float32, (rows, 256)
```

`table` is a pandas DataFrame with the columns below, raw, in any order, integers of up to 32 bits or floats. NaN stands
for a value that is not known; scaling and missing values are dealt with inside. A row with no value at all gives NaN.

| stream | columns | unit |
|---|---|---|
{_inputs()}

AlphaEarth bands are the int8 codes v as stored, value = sign(v)·(|v|/127.5)², nodata −128.

## Training data

{rows:,} pixel-years of {len(cities)} cities ({", ".join(cities)}) in {", ".join(map(str, years))}; data version
`{data_version}`, weights `{digest}`.

## Scores

Linear probes on CHN-Econ labels: E1 blocks within cities, E2 across regions, E3 across tiers. Under E2 and E3 the
encoders that were scored had not seen the cities held out.

{scores}

## Limits and licence

It describes places, not people: an embedding says nothing about anyone who lives there, and a score under E2 or E3 is a
mean over cities that may be far off in one. Code and weights: Apache-2.0. Input and output contain modified data of the
{ATTRIBUTION}
"""


def _origin(simulated: bool) -> str:
    if simulated:
        return (
            "> **Simulated.** This version was trained on a simulated planet. Its embeddings and scores show that the "
            "platform works; they are no result about China."
        )
    return "This version was trained on data from Earth Engine."


def _inputs() -> str:
    rows = []
    for stream in STREAMS.values():
        by_unit: dict[str, list[str]] = {}
        for band in stream.bands:
            by_unit.setdefault(band.unit, []).append(band.name)
        rows += [f"| {stream.title} | {_named(names)} | {unit} |" for unit, names in by_unit.items()]
    return "\n".join(rows)


def _named(names: Sequence[str]) -> str:
    """All names, or the first and the last of a long run."""
    if len(names) > 16:
        return f"`{names[0]}` … `{names[-1]}` ({len(names)})"
    return ", ".join(f"`{name}`" for name in names)
