"""The discovery document: the shipped one, with what today's clients ask for and it lacks.

The one in `earthengine-api` describes v1alpha of 2020: it has no `tables`, no `classifier` and no `view` parameter, so
`FeatureCollection.getDownloadURL`, `Export.classifier` and `earthengine ls` would fail before any request is sent.
"""

import copy
import json
from functools import lru_cache
from importlib import resources
from typing import Any

from ee_emulator.errors import EarthEngineError

VERSIONS = ("v1", "v1alpha", "v1beta")


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    text = resources.files("ee").joinpath("tests/cloud_api_discovery_document.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def discovery_document(version: str, base_url: str) -> dict[str, Any]:
    """The document for one version of the API, with this server's address.

    Raises:
        EarthEngineError: Unknown version.
    """
    if version not in VERSIONS:
        raise EarthEngineError(f"Discovery document not found for API version {version}.", 404, "NOT_FOUND")
    document = copy.deepcopy(_shipped())
    root = base_url.rstrip("/") + "/"
    document |= {"baseUrl": root, "rootUrl": root, "version": version, "id": f"earthengine:{version}"}
    _extend(document["resources"]["projects"]["resources"])
    _set_version(document["resources"], version)
    return document


def _extend(projects: dict[str, Any]) -> None:
    thumbnails = projects["thumbnails"]["methods"]
    projects["tables"] = {
        "methods": {
            "create": _like(thumbnails["create"], "tables.create", "thumbnails", "tables"),
            "getFeatures": _like(thumbnails["getPixels"], "tables.getFeatures", "getPixels", "getFeatures"),
        }
    }
    export = projects["table"]["methods"]["export"]
    projects["classifier"] = {"methods": {"export": _like(export, "classifier.export", "table:", "classifier:")}}
    view = {"type": "string", "location": "query", "description": "Which fields of each asset to return."}
    projects["assets"]["methods"]["listAssets"]["parameters"]["view"] = view
    # Today's clients send parameters that the document of 2020 does not know.
    projects["assets"]["methods"]["listAssets"]["parameters"]["filter"] = {"type": "string", "location": "query"}


def _like(method: dict[str, Any], name: str, old: str, new: str) -> dict[str, Any]:
    """A method that differs from a shipped one by its name and path, with any JSON as its body."""
    copied: dict[str, Any] = json.loads(json.dumps(method).replace(old, new))
    copied["id"] = f"earthengine.projects.{name}"
    for part in ("request", "response"):
        if part in copied:
            copied[part] = method[part]
    return copied


def _set_version(resources: dict[str, Any], version: str) -> None:
    for resource in resources.values():
        for method in resource.get("methods", {}).values():
            for key in ("path", "flatPath"):
                if key in method:
                    method[key] = method[key].replace("v1alpha/", f"{version}/", 1)
        _set_version(resource.get("resources", {}), version)
