"""Dictionary: keys are text; they are listed in alphabetical order."""

from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.selectors import matching
from ee_emulator.values import Function

Entries = dict[str, Any]


@algorithm("Dictionary")
def dictionary(input: Any) -> Entries:
    """A dictionary from one, from a list of keys and values in turn, or from what has properties.

    Raises:
        EarthEngineError: None of these.
    """
    if input is None:
        return {}
    if isinstance(input, dict):
        return input
    if isinstance(input, list) and len(input) % 2 == 0 and all(isinstance(key, str) for key in input[::2]):
        return dict(zip(input[::2], input[1::2], strict=True))
    if hasattr(input, "properties"):
        return dict(input.properties)
    raise EarthEngineError(f"Cannot make a dictionary from {input}.")


@algorithm("Dictionary.combine")
def combine(first: Entries, second: Entries, overwrite: bool) -> Entries:
    """Both, without their nulls; the second's values win unless `overwrite` is false."""
    both = (_without_nulls(first), _without_nulls(second))
    return both[0] | both[1] if overwrite else both[1] | both[0]


def _without_nulls(dictionary: Entries) -> Entries:
    return {key: value for key, value in dictionary.items() if value is not None}


@algorithm("Dictionary.contains")
def contains(dictionary: Entries, key: str) -> bool:
    """Whether the key is there."""
    return key in dictionary


@algorithm("Dictionary.fromLists")
def from_lists(keys: list[str], values: list[Any]) -> Entries:
    """Keys and values that go together.

    Raises:
        EarthEngineError: Lists of different length, or a key twice.
    """
    if len(keys) != len(values):
        raise EarthEngineError(f"There are {len(keys)} keys and {len(values)} values; they must be as many.")
    if len(set(keys)) != len(keys):
        raise EarthEngineError(f"Duplicate keys in {keys}.")
    return dict(zip(keys, values, strict=True))


@algorithm("Dictionary.get")
def get(dictionary: Entries, key: str, default_value: Any) -> Any:
    """The value under a key, or the default.

    Raises:
        EarthEngineError: No such key and no default.
    """
    if key in dictionary:
        return dictionary[key]
    if default_value is not None:
        return default_value
    raise EarthEngineError(f"Dictionary does not contain key: '{key}'.")


@algorithm("Dictionary.getNumber")
def get_number(dictionary: Entries, key: str, *, context: Context) -> Any:
    """The number under a key."""
    return coerce(get(dictionary, key, None), "Number", context)


@algorithm("Dictionary.getString")
def get_string(dictionary: Entries, key: str, *, context: Context) -> Any:
    """The text under a key."""
    return coerce(get(dictionary, key, None), "String", context)


@algorithm("Dictionary.getGeometry")
def get_geometry(dictionary: Entries, key: str, *, context: Context) -> Any:
    """The geometry under a key."""
    return coerce(get(dictionary, key, None), "Geometry", context)


@algorithm("Dictionary.keys")
def keys(dictionary: Entries) -> list[str]:
    """The keys, sorted."""
    return sorted(dictionary)


@algorithm("Dictionary.values")
def values(dictionary: Entries, keys: list[str] | None) -> list[Any]:
    """The values of the keys given, or of all keys sorted."""
    return [get(dictionary, key, None) if keys else dictionary[key] for key in keys or sorted(dictionary)]


@algorithm("Dictionary.map")
def map_(dictionary: Entries, base_algorithm: Function) -> Entries:
    """A function of (key, value) applied to each entry; keys for which it gives null are dropped."""
    return _without_nulls({key: base_algorithm(key, dictionary[key]) for key in sorted(dictionary)})


@algorithm("Dictionary.select")
def select(dictionary: Entries, selectors: list[str], ignore_missing: bool) -> Entries:
    """The entries whose keys match names or regular expressions."""
    chosen = matching(selectors, sorted(dictionary), ignore_missing, "Dictionary key")
    return {key: dictionary[key] for key in chosen}


@algorithm("Dictionary.remove")
def remove(dictionary: Entries, selectors: list[str], ignore_missing: bool) -> Entries:
    """Without the entries whose keys match."""
    gone = set(matching(selectors, sorted(dictionary), ignore_missing, "Dictionary key"))
    return {key: value for key, value in dictionary.items() if key not in gone}


@algorithm("Dictionary.rename")
def rename(dictionary: Entries, from_: list[str], to: list[str], overwrite: bool) -> Entries:
    """With keys renamed.

    Raises:
        EarthEngineError: A key that is missing, or a new one that is taken already.
    """
    names = from_lists(from_, to)
    kept = {key: value for key, value in dictionary.items() if key not in names}
    for old, new in names.items():
        if old not in dictionary:
            raise EarthEngineError(f"Dictionary does not contain key: '{old}'.")
        if new in kept and not overwrite:
            raise EarthEngineError(f"Dictionary already contains key: '{new}'.")
        kept[new] = dictionary[old]
    return kept


@algorithm("Dictionary.set")
def set_(dictionary: Entries, key: str, value: Any) -> Entries:
    """With one entry set."""
    return {**dictionary, key: value}


@algorithm("Dictionary.size")
def size(dictionary: Entries) -> int:
    """Number of entries."""
    return len(dictionary)
