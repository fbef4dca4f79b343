"""Variants of the text stream: what each language, their alignment and the place of a text are worth.

The experiment axis "text integration" is of the paper (arXiv 2606.20697); the variants are ours. They work on a stream
`text` whose columns are `zh_…` and `en_…`, as many of each: sentence embeddings of the same places in two languages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.batches import Rows
from ml.dataset import StreamTable
from ml.preprocessing import CHUNK
from ml.schema import Schema

TextVariant = Literal["bilingual", "none", "zh", "en", "aligned", "shuffled"]
TEXT = "text"
_LANGUAGES = ("zh", "en")
_TITLES = {"zh": "Place text (zh)", "en": "Place text (en)", "aligned": "Place text (zh and en, aligned)"}


@dataclass(frozen=True)
class TextTransform:
    """A variant, fitted: what is done with the text of any table of the same schema.

    Attributes:
        variant: `bilingual` (as it is), `none` (no text stream), `zh` or `en` (one language), `aligned` (English turned
            into the space of Chinese, and the mean of both), or `shuffled` (each row has the text of another).
        rotation: Of `aligned`: English to Chinese; float64 (width, width), orthogonal.
        seed: Of `shuffled`.
    """

    variant: TextVariant
    rotation: NDArray[np.float64] | None = None
    seed: int = 0

    def apply(self, data: StreamTable, into: Path | None = None) -> StreamTable:
        """The table with its text as the variant has it; columns of other streams are as they were.

        `shuffled` permutes over all rows of the table, whatever their city: shuffled within its city, a text would go
        on telling the city. It keeps what texts there are and how often one is missing, and loses where they belong.

        Args:
            data: Streams in raw units, in memory or memory-mapped.
            into: A .npy file for the new columns, which are memory-mapped then; None: in memory.

        Raises:
            BadInputError: The table has no text stream of the two languages.
        """
        if self.variant == "bilingual":
            return data
        columns = language_columns(data.schema)
        schema = self._schema(data.schema)
        shape = (len(data), schema.width)
        raw = np.empty(shape, np.float32) if into is None else np.lib.format.open_memmap(into, "w+", np.float32, shape)
        order = np.random.default_rng(self.seed).permutation(len(data)) if self.variant == "shuffled" else None
        before, after = data.schema.slices[TEXT].start, data.schema.slices[TEXT].stop
        for rows in _chunks(len(data)):
            part = data.raw[rows]
            text = part[:, before:after] if order is None else data.raw[order[rows], before:after]
            told = [part[:, :before], self._text(text, columns), part[:, after:]]
            raw[rows] = np.concatenate(told, axis=1)
        return replace(data, schema=schema, raw=raw)

    def _schema(self, schema: Schema) -> Schema:
        streams = {stream.name: stream for stream in schema.streams}
        text = streams[TEXT]
        if self.variant == "none":
            del streams[TEXT]
        elif self.variant != "shuffled":
            of_one = [column for column in text.columns if column.startswith(f"{_LANGUAGES[0]}_")]
            names = tuple(f"{self.variant}_{column.split('_', 1)[1]}" for column in of_one)
            streams[TEXT] = replace(
                text, title=_TITLES[self.variant], columns=names, transforms=text.transforms[: len(names)]
            )
        return Schema(tuple(streams.values()))

    def _text(self, text: NDArray[np.float32], columns: dict[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        if self.variant == "none":
            return text[:, :0]
        if self.variant == "shuffled":
            return text
        if self.variant != "aligned":
            return text[:, columns[self.variant]]
        assert self.rotation is not None
        both = np.stack([_unit(text[:, columns["zh"]]), _unit(text[:, columns["en"]]) @ self.rotation])
        known = np.isfinite(both)
        mean = np.where(known, both, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        return np.where(known.any(axis=0), mean, np.nan).astype(np.float32)


def text_variant(
    data: StreamTable, variant: TextVariant, train_rows: Rows, seed: int = 0, into: Path | None = None
) -> StreamTable:
    """The table under a variant that is fitted on some of its rows; see `fit_text` and `TextTransform.apply`."""
    return fit_text(data, variant, train_rows, seed).apply(data, into)


def fit_text(data: StreamTable, variant: TextVariant, train_rows: Rows, seed: int = 0) -> TextTransform:
    """Fits a variant: `aligned` alone has something to fit.

    Its rotation is the orthogonal Procrustes solution, min ‖E R − Z‖ over orthogonal R, which is U Vᵀ of the singular
    value decomposition EᵀZ = U S Vᵀ (Schönemann 1966; of word vectors at unit length, Smith et al., arXiv 1702.03859,
    section 2.2), over the training rows that have both languages.

    Args:
        data: Streams in raw units.
        variant: See `TextTransform`.
        train_rows: Row numbers to fit on.
        seed: Of `shuffled`.

    Raises:
        BadInputError: The variant is not known, the table has no text stream of the two languages, or no training row
            has both.
    """
    if variant not in get_args(TextVariant):
        raise BadInputError(f"Unknown text variant {variant!r}; there are {', '.join(get_args(TextVariant))}.")
    columns = language_columns(data.schema) if variant != "bilingual" else {}
    if variant != "aligned":
        return TextTransform(variant, seed=seed)
    start = data.schema.slices[TEXT].start
    cross, found = np.zeros((len(columns["en"]),) * 2), 0
    for part in _chunks(len(train_rows)):
        rows = train_rows[part]
        text = data.raw[rows, start : data.schema.slices[TEXT].stop]
        english, chinese = _unit(text[:, columns["en"]]), _unit(text[:, columns["zh"]])
        both = np.isfinite(english).all(axis=1) & np.isfinite(chinese).all(axis=1)
        cross += english[both].T @ chinese[both]
        found += int(both.sum())
    if not found:
        raise BadInputError("No training row has its text in both languages: the variant 'aligned' cannot be fitted.")
    left, _, right = np.linalg.svd(cross)
    return TextTransform(variant, left @ right)


def language_columns(schema: Schema) -> dict[str, NDArray[np.int64]]:
    """Where the columns of each language lie within the text stream.

    Raises:
        BadInputError: There is no stream `text` that consists of as many columns `zh_…` as `en_…`.
    """
    names = schema[TEXT].columns if TEXT in schema.names else ()
    places = {language: np.flatnonzero([name.startswith(f"{language}_") for name in names]) for language in _LANGUAGES}
    counts = [len(found) for found in places.values()]
    if not names or sum(counts) != len(names) or counts[0] != counts[1]:
        raise BadInputError(
            f"Text variants need a stream {TEXT!r} of as many columns zh_… as en_…; the table has "
            f"{', '.join(schema.names)}, and {TEXT!r} has {counts[0]} of zh and {counts[1]} of en of {len(names)}."
        )
    return places


def _unit(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows at length 1, so that each counts as much; one of zeros stays, one with a value missing is missing."""
    wide = values.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return wide / np.where(length > 0, length, 1.0)


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))
