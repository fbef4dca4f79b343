"""Language models by name.

| name | model |
|---|---|
| `local` | the embedded one, without a network (`codegen.models.local`) |
| `openai-api/<service>/<model>` | any OpenAI-compatible endpoint: `<SERVICE>_BASE_URL`, `<SERVICE>_API_KEY` |
| `<provider>/<model>` | a provider of inspect_ai: `openai/…`, `anthropic/…`, `google/…`, `ollama/…`, `vllm/…`, `hf/…` |

Keys come from the environment only. A server on this machine needs none.
"""

from __future__ import annotations

import ipaddress
import os  # keys and addresses of services have names that a user makes up: they are no fields of the settings
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from codegen.models.asking import InspectModel
from codegen.models.completion import LanguageModel
from codegen.models.errors import ModelError
from codegen.models.explaining import Place
from codegen.models.patience import PATIENT, Patience
from codegen.models.redaction import redacted
from codegen.models.remembering import CachedModel
from lake.errors import AefEconError, BadInputError

if TYPE_CHECKING:
    from inspect_ai.model import Model

LOCAL = "local"
_COMPATIBLE = "openai-api"
_NO_KEY = "none"
"""Clients insist on a key where a local server wants none."""
_HELP = (
    "Names are `local`, `openai-api/<service>/<model>` for an OpenAI-compatible endpoint (its address in "
    "<SERVICE>_BASE_URL, its key in <SERVICE>_API_KEY), or `<provider>/<model>` with a provider of inspect_ai: openai, "
    "anthropic, google, mistral, deepseek, ollama, vllm, hf, …; see https://inspect.aisi.org.uk/providers.html."
)


def open_model(name: str, cache: Path | None = None, patience: Patience = PATIENT) -> LanguageModel:
    """A language model.

    Args:
        name: See the table above.
        cache: Folder in which answers are kept; None: none are.
        patience: With failures; the embedded model is asked once.

    Raises:
        BadInputError: There is no such model, or the cache folder cannot be made.
        ModelError: A package, a key or an address is missing; says which.
    """
    from codegen.models.local.names import EMBEDDED

    if name in (LOCAL, EMBEDDED):
        model, endpoint = _open_embedded(patience)
    elif name.startswith(f"{_COMPATIBLE}/"):
        model, endpoint = _open_compatible(name, patience)
    else:
        model, endpoint = _open_provider(name, patience)
    return model if cache is None else CachedModel(model, cache, endpoint)


def _open_embedded(patience: Patience) -> tuple[InspectModel, str]:
    from codegen.models.local import registry  # noqa: F401 - makes the name known
    from codegen.models.local.engines import describe
    from codegen.models.local.names import EMBEDDED

    place = Place(LOCAL, "the embedded model", ())
    make = _maker(EMBEDDED, place)
    once = Patience(attempts=1, attempt_seconds=patience.attempt_seconds)
    return InspectModel(make, place, make(), once, connections=1), describe()


def _open_compatible(name: str, patience: Patience) -> tuple[InspectModel, str]:
    matched = re.fullmatch(rf"{_COMPATIBLE}/([A-Za-z][\w-]*)/(.+)", name)
    if matched is None:
        raise BadInputError(f"{name} names no endpoint and model. {_HELP}")
    prefix = matched[1].upper().replace("-", "_")
    url_variable, key_variable = f"{prefix}_BASE_URL", f"{prefix}_API_KEY"
    url, key = os.environ.get(url_variable, ""), os.environ.get(key_variable, "")
    if not url:
        raise ModelError(
            f"{name}: set {url_variable} to the endpoint's address, such as http://127.0.0.1:8000/v1, "
            f"and {key_variable} to its key."
        )
    host = _host(url, url_variable)
    if not key and not _is_loopback(host):
        raise ModelError(f"{name}: set {key_variable} to the key of {host}; only servers on this machine need none.")
    place = Place(name, url, (key_variable,), url_variable, key)
    make = _maker(name, place, base_url=url, api_key=key or _NO_KEY)
    return InspectModel(make, place, make(), patience), url


def _open_provider(name: str, patience: Patience) -> tuple[InspectModel, str]:
    if not re.fullmatch(r"[\w-]+/\S+", name):
        raise BadInputError(f"There is no model {name!r}. {_HELP}")
    first = _maker(name, Place(name, None, ()))()
    api = first.api
    url = str(api.base_url) if api.base_url else None
    place = Place(name, url, tuple(api.api_key_vars), key=api.api_key)
    return InspectModel(_maker(name, place), place, first, patience), url or ""


def _maker(name: str, place: Place, **options: Any) -> Callable[[], Model]:
    """Opens inspect_ai's client; its own memory would give a client of a loop that has ended."""

    def make() -> Model:
        from inspect_ai._util.error import PrerequisiteError
        from inspect_ai.model import get_model

        try:
            return get_model(name, memoize=False, **options)
        except PrerequisiteError as error:
            raise ModelError(f"{place.name} cannot be opened: {_plain(error)}") from None
        except AefEconError:
            raise
        except ImportError as error:
            raise ModelError(f"{place.name} cannot be opened: a package is missing ({error}). Install it.") from None
        except Exception as error:  # each provider has errors of its own
            if isinstance(error, ValueError) and "not recognized" in str(error):
                raise BadInputError(f"There is no provider {name.split('/')[0]!r}. {_HELP}") from None
            said = redacted(f"{type(error).__name__}: {error}", place.key)
            raise ModelError(f"{place.name} cannot be opened: {said}") from None

    return make


def _plain(error: Exception) -> str:
    """inspect_ai's message without its markup, in one line."""
    from rich.errors import MarkupError
    from rich.text import Text

    said = str(error)
    with suppress(MarkupError):  # where it has none, but brackets
        said = Text.from_markup(said).plain
    parts = [" ".join(part.split()) for part in said.removeprefix("ERROR: ").split("\n\n") if part.strip()]
    return redacted(" ".join(part if part.endswith((".", ":")) else f"{part}." for part in parts))


def _host(url: str, variable: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise BadInputError(f"{variable} is no address: {redacted(url)!r}. It should be like http://127.0.0.1:8000/v1.")
    return host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
