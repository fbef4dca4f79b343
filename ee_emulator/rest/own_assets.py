"""What clients may do with their own assets: create, describe, change, copy, move, share and delete them."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ee_emulator.catalog.base import Catalog
from ee_emulator.catalog.own import (
    CONTAINERS,
    RECORD,
    OwnCatalog,
    Record,
    children_of,
    folder_of,
    is_root,
    read_record,
)
from ee_emulator.errors import EarthEngineError
from ee_emulator.rest.assets import asset_id_of, describe_asset, not_found, resource_name_of, rfc3339
from ee_emulator.rest.data_folder import DataFolder, written_whole

OWNER = "user:owner@local-ee"
MAX_ASSETS, MAX_SIZE_BYTES = 10_000, 250 * 2**30
"""What a project may hold on Earth Engine without payment; reported, not enforced."""


def denied(permission: str, name: str) -> EarthEngineError:
    """Earth Engine's answer to somebody who may not do something."""
    message = f"Permission 'earthengine.assets.{permission}' denied on resource '{name}' (or it may not exist)."
    return EarthEngineError(message, 403, "PERMISSION_DENIED")


class OwnAssets:
    """The assets in a data folder.

    Everything that the catalogue serves besides belongs to others: it can be read and not changed.

    Args:
        data: Where they are kept.
        others: The assets of others.
    """

    def __init__(self, data: DataFolder, others: Catalog) -> None:
        self._data = data
        self._others = others
        self._catalog = OwnCatalog(data)
        self._lock = threading.Lock()

    # Reading

    def describe(self, name: str) -> dict[str, Any] | None:
        """The JSON of an own asset or of a project's root; None for what is none of ours."""
        asset_id = asset_id_of(name)
        if is_root(asset_id):
            return _described_folder(asset_id, {"type": "FOLDER"}) | {"quota": self._quota(asset_id)}
        found = self._found(asset_id)
        return None if found is None else self._described(asset_id, found[1])

    def children(self, name: str) -> list[dict[str, Any]]:
        """The JSON of each own asset directly under a folder or collection."""
        asset_id = asset_id_of(name)
        if not self._data.exists:
            return []
        folder = self._folder(asset_id)
        return [self._described(f"{asset_id}/{child}", record) for child, record in children_of(folder)]

    def _described(self, asset_id: str, record: Record) -> dict[str, Any]:
        asset = self._catalog.get(asset_id)
        described = _described_folder(asset_id, record) if asset is None else describe_asset(asset)
        size = sum(file.stat().st_size for file in self._folder(asset_id).glob("*.*") if file.is_file())
        return described | {"updateTime": record["updateTime"], "sizeBytes": str(size)}

    def _quota(self, root: str) -> dict[str, str]:
        files = list(self._folder(root).rglob("*.*")) if self._data.exists else []
        size = sum(file.stat().st_size for file in files if file.is_file())
        count = sum(file.name == RECORD for file in files)
        usage = {"assetCount": count, "sizeBytes": size, "maxAssets": MAX_ASSETS, "maxSizeBytes": MAX_SIZE_BYTES}
        return {key: str(value) for key, value in usage.items()}

    def _folder(self, asset_id: str) -> Path:
        return folder_of(self._data, asset_id)

    def _found(self, asset_id: str) -> tuple[Path, Record] | None:
        """Folder and record of an own asset."""
        if not self._data.exists:
            return None
        try:
            folder = self._folder(asset_id)
        except EarthEngineError:
            return None  # nobody can own such an id
        record = read_record(folder)
        return None if record is None else (folder, record)

    def _mine(self, name: str, permission: str) -> tuple[Path, Record]:
        """Folder and record of an asset that must be the client's own.

        Raises:
            EarthEngineError: 403 where it is somebody else's, 404 where there is none.
        """
        asset_id = asset_id_of(name)
        found = self._found(asset_id)
        if found is not None:
            return found
        if is_root(asset_id) or self._others.get(asset_id) is not None:
            raise denied(permission, resource_name_of(asset_id))
        raise not_found(asset_id)

    # Writing

    def write(self, name: str, record: Record, fill: Callable[[Path], Record], *, overwrite: bool = False) -> str:
        """Makes an asset, at once and complete.

        Args:
            name: Resource name or id.
            record: What is known before its files are there; needs `type`.
            fill: Writes the files into a folder and returns what else is known.
            overwrite: Whether an own asset of that name gives way.

        Returns:
            The asset's resource name.

        Raises:
            EarthEngineError: The name is taken, not the client's, or under nothing that can hold it.
        """
        asset_id = asset_id_of(name)
        self.check_writable(asset_id, record["type"], overwrite=overwrite)
        folder = self._folder(asset_id)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as temporary:
            place = Path(temporary) / "asset"
            place.mkdir()
            known = {**record, **fill(place), "updateTime": rfc3339(time.time() * 1000)}
            (place / RECORD).write_text(json.dumps(known), encoding="utf-8")
            with self._lock:
                self.check_writable(asset_id, record["type"], overwrite=overwrite)
                if folder.exists():
                    folder.rename(place.with_name("replaced"))
                place.rename(folder)
        return resource_name_of(asset_id)

    def check_writable(self, name: str, kind: str, *, overwrite: bool = False) -> None:
        """Whether an asset of this name and type may be made.

        Raises:
            EarthEngineError: See `write`.
        """
        asset_id = asset_id_of(name)
        name = resource_name_of(asset_id)
        if self._others.get(asset_id) is not None or not asset_id.startswith(("projects/", "users/")):
            raise denied("create", name)
        found = self._found(asset_id)
        if is_root(asset_id) or (found is not None and not (overwrite and found[1]["type"] not in CONTAINERS)):
            raise EarthEngineError(f"Cannot overwrite asset '{name}'.")
        self._folder(asset_id)
        parent = asset_id.rpartition("/")[0]
        above = {"type": "FOLDER"} if is_root(parent) else (self._found(parent) or (None, None))[1]
        if above is None or above["type"] not in CONTAINERS:
            raise EarthEngineError(f"Asset '{parent}' does not exist or doesn't allow this operation.")
        if above["type"] == "IMAGE_COLLECTION" and kind != "IMAGE":
            raise EarthEngineError(f"Cannot create a {kind} in the image collection '{parent}'.")

    def create(self, name: str, asset: Mapping[str, Any]) -> dict[str, Any]:
        """Makes a folder or an empty image collection; other assets are exported or uploaded.

        Raises:
            EarthEngineError: Another type, or see `write`.
        """
        if asset.get("type") not in CONTAINERS:
            raise EarthEngineError(f"not supported by the emulator: creating an asset of type {asset.get('type')}")
        self.write(name, {"type": asset["type"]} | metadata_record(asset), lambda _: {})
        described = self.describe(name)
        assert described is not None
        return described

    def delete(self, name: str) -> None:
        """Deletes an asset without children.

        Raises:
            EarthEngineError: It has some, or is not the client's.
        """
        with self._lock:
            folder, _ = self._mine(name, "delete")
            if next(children_of(folder), None) is not None:
                raise EarthEngineError(f"Before trying to delete an asset, delete its children: '{name}'")
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".deleted-") as temporary:
                folder.rename(Path(temporary) / "asset")  # gone at once, however much is in it

    def move(self, source: str, destination: str) -> dict[str, Any]:
        """Renames an asset with everything in it."""
        folder, record = self._mine(source, "update")
        if asset_id_of(destination).startswith(asset_id_of(source) + "/"):
            raise EarthEngineError(f"Cannot move asset '{source}' into itself.")
        self.check_writable(destination, record["type"])
        with self._lock:
            folder.rename(self._folder(asset_id_of(destination)))
        described = self.describe(destination)
        assert described is not None
        return described

    def copy(self, source: str, destination: str, *, overwrite: bool) -> dict[str, Any]:
        """Copies an image or table.

        Raises:
            EarthEngineError: It is a folder or collection, somebody else's, or see `write`.
        """
        asset_id = asset_id_of(source)
        if self._found(asset_id) is None and self._others.get(asset_id) is not None:
            raise EarthEngineError(f"not supported by the emulator: copying '{asset_id}' of the catalogue; export it")
        folder, record = self._mine(source, "get")
        if record["type"] in CONTAINERS:
            raise EarthEngineError(f"Cannot copy asset '{asset_id}'; can only copy images or tables.")

        def fill(place: Path) -> Record:
            for file in folder.glob("*.*"):
                if file.name != RECORD:
                    shutil.copy2(file, place / file.name)
            return {}

        self.write(destination, record, fill, overwrite=overwrite)
        described = self.describe(destination)
        assert described is not None
        return described

    def update(self, name: str, asset: Mapping[str, Any], mask: Sequence[str]) -> dict[str, Any]:
        """Changes times and properties, those that the mask names.

        Raises:
            EarthEngineError: The mask names something that cannot be changed, or see `delete`.
        """
        with self._lock:
            folder, record = self._mine(name, "update")
            self._save(folder, _updated(record, asset, mask or ("startTime", "endTime", "properties")))
        return self._described(asset_id_of(name), record)

    def _save(self, folder: Path, record: Record) -> None:
        record["updateTime"] = rfc3339(time.time() * 1000)
        with written_whole(folder / RECORD) as place:
            place.write_text(json.dumps(record), encoding="utf-8")

    # Permissions

    def policy(self, name: str) -> dict[str, Any]:
        """Who may do what with an own asset."""
        _, record = self._mine(name, "getIamPolicy")
        own = {"role": "roles/owner", "members": [OWNER]}
        return {"bindings": [own, *record.get("policy", {}).get("bindings", [])], "etag": ""}

    def set_policy(self, name: str, policy: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces the policy but for the owner, who stays; nobody else is there to be bound by it."""
        others = [binding for binding in policy.get("bindings", []) if binding.get("role") != "roles/owner"]
        with self._lock:
            folder, record = self._mine(name, "setIamPolicy")
            self._save(folder, record | {"policy": {"bindings": others}})
        return self.policy(name)

    def permissions(self, name: str, asked: Sequence[str]) -> list[str]:
        """Those of the permissions that the client has: all on an own asset, reading on those of others."""
        asset_id = asset_id_of(name)
        if is_root(asset_id) or self._found(asset_id) is not None:
            return list(asked)
        if self._others.get(asset_id) is None:
            raise not_found(asset_id)
        return [p for p in asked if p in ("earthengine.assets.get", "earthengine.assets.list")]


def _described_folder(asset_id: str, record: Record) -> dict[str, Any]:
    described = {"type": record["type"], "name": resource_name_of(asset_id), "id": asset_id}
    return described | ({"properties": record["properties"]} if record.get("properties") else {})


def metadata_record(asset: Mapping[str, Any]) -> Record:
    """Properties and times of an asset's JSON, or of a manifest, as a record keeps them."""
    return _updated({}, asset, None)


_TIMES = {"starttime": ("startTime", "start_ms"), "endtime": ("endTime", "end_ms")}
_PROPERTY = re.compile(r"properties\.\"?(.+?)\"?")


def _updated(record: Record, asset: Mapping[str, Any], mask: Sequence[str] | None) -> Record:
    """A record with what a mask names taken from an asset's JSON; all of it without a mask."""
    for path in ("properties", "startTime", "endTime") if mask is None else mask:
        time_field = _TIMES.get(path.replace("_", "").lower())
        one = _PROPERTY.fullmatch(path)
        if path == "properties":
            record["properties"] = {k: v for k, v in (asset.get("properties") or {}).items() if v is not None}
        elif time_field is not None:
            given = asset.get(time_field[0], asset.get(path, asset.get(_snake(time_field[0]))))
            record[time_field[1]] = None if given is None else _ms(given)
        elif path == "bands":
            _renamed_bands(record, [str(band.get("id")) for band in asset.get("bands") or []])
        elif one is not None:
            properties = record.setdefault("properties", {})
            value = (asset.get("properties") or {}).get(one[1])
            if value is None:
                properties.pop(one[1], None)
            else:
                properties[one[1]] = value
        else:
            raise EarthEngineError(f"not supported by the emulator: changing '{path}' of an asset")
    return record


def _snake(name: str) -> str:
    return name.replace("Time", "_time")


def _renamed_bands(record: Record, names: Sequence[str]) -> None:
    bands = record.get("bands", [])
    if not bands or len(names) != len(bands) or len(set(names)) != len(names):
        raise EarthEngineError(f"Expected {len(bands)} different band names, got {list(names)}.")
    record["bands"] = [band | {"id": name} for band, name in zip(bands, names, strict=True)]


def _ms(timestamp: Any) -> float:
    """Milliseconds of a timestamp of the interface: RFC 3339 text, or seconds."""
    try:
        if isinstance(timestamp, Mapping):
            moment = datetime.fromtimestamp(float(timestamp.get("seconds", 0)), UTC)
        else:
            moment = datetime.fromisoformat(str(timestamp))
    except (TypeError, ValueError, OverflowError, OSError):
        raise EarthEngineError(f"Invalid timestamp: {timestamp!r}.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000
