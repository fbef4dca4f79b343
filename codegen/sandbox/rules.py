"""Which requests reach Earth Engine: a list of what is allowed, all else is refused.

From the methods of Earth Engine's REST interface (its discovery document, v1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode

Mode = Literal["read", "all"]
"""`read`: nothing that changes assets or starts tasks; `all`: these too."""

_PARAMETERS = {
    "alt", "assetId", "endTime", "fields", "fileFormat", "filter", "nextPageToken", "overwrite", "pageSize",
    "pageToken", "parent", "prettyPrint", "query", "quotaUser", "region", "startTime", "updateMask", "version", "view",
    "workloadTag",
}  # fmt: skip
"""Of a query; others are left out: keys and tokens, callbacks, methods in disguise."""

_PROJECT = r"/v1(?:alpha|beta)?/projects/[^/:]+"
_ASSET = rf"{_PROJECT}/assets/[^:]+"
_ID = "[^/:]+"
_READ = {
    "GET": [
        r"/\$discovery/rest",
        r"/discovery/v1/apis/earthengine/v1(?:alpha|beta)?/rest",
        r"/v1(?:alpha|beta)?/algorithms",
        rf"{_PROJECT}/algorithms",
        rf"{_PROJECT}/config",
        rf"{_PROJECT}(?:/assets)?:listAssets",
        rf"{_PROJECT}/assets(?::search)?",
        rf"{_ASSET}(?::listAssets|:listImages|:listFeatures)?",
        rf"{_PROJECT}/(?:thumbnails|videoThumbnails|filmstripThumbnails)/{_ID}:getPixels",
        rf"{_PROJECT}/tables/{_ID}:getFeatures",
        rf"{_PROJECT}/(?:maps|featureView)/{_ID}/tiles/\d+/-?\d+/-?\d+",
        rf"{_PROJECT}/operations(?:/{_ID})?",
    ],
    "POST": [
        rf"{_PROJECT}/(?:value:compute|image:computePixels|imageCollection:computeImages|table:computeFeatures)",
        rf"{_PROJECT}/(?:thumbnails|videoThumbnails|filmstripThumbnails|maps|tables|featureView)",
        rf"{_ASSET}:(?:getPixels|getIamPolicy|testIamPermissions)",
        rf"{_PROJECT}/operations/{_ID}:wait",
    ],
}
_CHANGE = {
    "POST": [
        rf"{_PROJECT}/assets",
        rf"{_ASSET}:(?:copy|move)",
        rf"{_PROJECT}/(?:image|table|map|video|videoMap|classifier):export",
        rf"{_PROJECT}/(?:image|table):import",
        rf"{_PROJECT}/operations/{_ID}:cancel",
    ],
    "PATCH": [_ASSET],
    "DELETE": [_ASSET, rf"{_PROJECT}/operations/{_ID}"],
}
_WRITTEN = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")
"""A path and nothing else (RFC 3986): no address of another server."""
_HIDDEN = re.compile(r"%(?:2f|5c|25|[01][0-9a-f]|7f)", re.IGNORECASE)
"""A slash, backslash, percent sign or control character in disguise."""
_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/?\[\]|{}\"^`<>]*")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is given in Earth Engine's stead: HTTP status, its name, and why."""

    status: int
    name: str
    message: str


def judge(method: str, target: str, mode: Mode) -> str | Refusal:
    """What is asked of Earth Engine for a request: path and query, written anew; or why nothing is.

    Args:
        method: Of the request.
        target: What stands after the method.
        mode: What may be done.
    """
    path, _, query = target.partition("?")
    if not _WRITTEN.fullmatch(path) or not _QUERY.fullmatch(query) or _HIDDEN.search(path):
        return _malformed(target)
    decoded = unquote(path, errors="replace")
    if any(part in ("", ".", "..") for part in decoded[1:].split("/")) or "\ufffd" in decoded:
        return _malformed(target)
    if not _matches(_READ, method, decoded):
        if not _matches(_CHANGE, method, decoded):
            return Refusal(403, "PERMISSION_DENIED", f"The sandbox does not pass on {method} {decoded[:200]}.")
        if mode == "read":
            message = f"This would change something, and programs may only read here: {method} {decoded[:200]}."
            return Refusal(403, "PERMISSION_DENIED", message)
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name in _PARAMETERS]
    return quote(decoded, safe="/:$@,~!*'()+;=&") + (f"?{urlencode(kept)}" if kept else "")


def _matches(rules: dict[str, list[str]], method: str, path: str) -> bool:
    return any(re.fullmatch(rule, path) for rule in rules.get(method, ()))


def _malformed(target: str) -> Refusal:
    return Refusal(400, "INVALID_ARGUMENT", f"This is no path of Earth Engine: {target[:200]!r}.")
