"""The discovery document: the shipped one, with what today's clients ask for and it lacks.

The one in `earthengine-api` describes v1alpha of 2020: it has no `tables`, no `classifier` and no `view` parameter, so
`FeatureCollection.getDownloadURL`, `Export.classifier` and `earthengine ls` would fail before any request is sent.
"""

import copy
import json
from functools import lru_cache
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import shipped_document

VERSIONS = ("v1", "v1alpha", "v1beta")
TAGGED = ("maps", "thumbnails", "videoThumbnails", "filmstripThumbnails", "tables")
"""Where the client sends a workload tag with the address; everywhere else it is part of the body."""


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return shipped_document("cloud_api_discovery_document.json")


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
    projects = document["resources"]["projects"]
    projects["methods"] |= _project_methods()
    _extend(projects["resources"])
    for methods in (projects["methods"], projects["resources"]["assets"]["methods"]):
        for parameter in ("view", "filter"):
            methods["listAssets"]["parameters"][parameter] = {"type": "string", "location": "query"}
    for resource in TAGGED:
        tag = {"type": "string", "location": "query"}
        projects["resources"][resource]["methods"]["create"]["parameters"]["workloadTag"] = tag
    _set_version(document["resources"], version)
    return document


def _open_roots(methods: dict[str, Any]) -> None:
    """Lets methods take the root folder of a project, `projects/P/assets/`, as today's document does."""
    for method in methods.values():
        for parameter in method["parameters"].values():
            if "pattern" in parameter:
                parameter["pattern"] = parameter["pattern"].replace("/assets/.+$", "/assets/.*$")


def _extend(projects: dict[str, Any]) -> None:
    """Adds what today's clients ask for and the document of 2020 does not know."""
    thumbnails, assets, image = (projects[name]["methods"] for name in ("thumbnails", "assets", "image"))
    projects["tables"] = {
        "methods": {
            "create": _like(thumbnails["create"], "tables.create", "thumbnails", "tables"),
            "getFeatures": _like(thumbnails["getPixels"], "tables.getFeatures", "getPixels", "getFeatures"),
        }
    }
    projects["tables"]["methods"]["getFeatures"]["parameters"]["name"]["pattern"] = "^projects/[^/]+/tables/[^/]+$"
    export = projects["table"]["methods"]["export"]
    projects["classifier"] = {"methods": {"export": _like(export, "classifier.export", "table:", "classifier:")}}
    # Both are refused by the server, with words that say so.
    feature_view = _like(thumbnails["create"], "featureView.create", "thumbnails", "featureView")
    projects["featureView"] = {"methods": {"create": feature_view}}
    image["importExternal"] = _like(image["import"], "image.importExternal", "image:import", "image:importExternal")
    _open_roots(assets)
    assets["listFeatures"] = _like(assets["listFeatures"], "assets.listFeatures", "parent", "asset")


def _project_methods() -> dict[str, Any]:
    """`projects.getConfig` and `projects.updateConfig`."""
    name = {"type": "string", "location": "path", "required": True, "pattern": "^projects/[^/]+/config$"}
    get: dict[str, Any] = {
        "id": "earthengine.projects.getConfig",
        "path": "v1alpha/{+name}",
        "flatPath": "v1alpha/projects/{projectsId}/config",
        "httpMethod": "GET",
        "parameterOrder": ["name"],
        "parameters": {"name": name},
        "response": {"type": "object"},
    }
    update = copy.deepcopy(get) | {"id": "earthengine.projects.updateConfig", "httpMethod": "PATCH"}
    update["parameters"]["updateMask"] = {"type": "string", "location": "query"}
    update["request"] = {"type": "object"}
    return {"getConfig": get, "updateConfig": update}


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
