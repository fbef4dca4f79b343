"""What reaches Earth Engine, and what does not."""

import pytest

from codegen.sandbox.rules import Refusal, judge

PROJECT = "/v1/projects/local-ee"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/$discovery/rest?version=v1&prettyPrint=false"),
        ("GET", f"{PROJECT}/algorithms"),
        ("GET", "/v1alpha/projects/earthengine-public/algorithms"),
        ("GET", f"{PROJECT}/config"),
        ("GET", f"{PROJECT}/assets/folder/image"),
        ("GET", f"{PROJECT}/assets:listAssets?pageSize=10"),
        ("GET", f"{PROJECT}:listAssets"),
        ("GET", "/v1/projects/earthengine-public/assets/COPERNICUS/S2_SR:listImages"),
        ("POST", f"{PROJECT}/value:compute"),
        ("POST", f"{PROJECT}/image:computePixels"),
        ("POST", f"{PROJECT}/table:computeFeatures"),
        ("POST", f"{PROJECT}/thumbnails"),
        ("GET", f"{PROJECT}/thumbnails/abc:getPixels"),
        ("GET", f"{PROJECT}/maps/abc/tiles/1/2/3"),
        ("GET", f"{PROJECT}/operations"),
        ("POST", f"{PROJECT}/assets/image:getPixels"),
    ],
)
def test_reading_passes_in_both_modes(method: str, target: str) -> None:
    assert judge(method, target, "read") == judge(method, target, "all") == target


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", f"{PROJECT}/assets?assetId=new"),
        ("DELETE", f"{PROJECT}/assets/image"),
        ("PATCH", f"{PROJECT}/assets/image?updateMask=properties"),
        ("POST", f"{PROJECT}/assets/image:copy"),
        ("POST", f"{PROJECT}/image:export"),
        ("POST", f"{PROJECT}/table:import"),
        ("POST", f"{PROJECT}/operations/abc:cancel"),
    ],
)
def test_changing_passes_where_it_may(method: str, target: str) -> None:
    assert judge(method, target, "all") == target
    refused = judge(method, target, "read")
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.name) == (403, "PERMISSION_DENIED")
    assert "only read" in refused.message


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", f"{PROJECT}/assets/image:setIamPolicy"),  # would make an asset public
        ("PATCH", f"{PROJECT}/config"),
        ("GET", "/docs"),
        ("GET", "/v2/projects/local-ee/algorithms"),
        ("GET", "/v1/projects/a/b/algorithms"),
        ("GET", f"{PROJECT}/value:compute"),
        ("PUT", f"{PROJECT}/assets/image"),
        ("OPTIONS", f"{PROJECT}/algorithms"),
        ("GET", "/upload/v1/projects/local-ee/assets"),
        ("POST", "/batch"),
    ],
)
def test_what_is_not_listed_is_refused_in_both_modes(method: str, target: str) -> None:
    for mode in ("read", "all"):
        refused = judge(method, target, mode)  # type: ignore[arg-type]
        assert isinstance(refused, Refusal)
        assert refused.status == 403


@pytest.mark.parametrize(
    "target",
    [
        "http://elsewhere/v1/projects/local-ee/algorithms",
        "elsewhere:80",
        "*",
        "//elsewhere/v1",
        f"/{PROJECT}/algorithms",
        f"{PROJECT}/../x/algorithms",
        f"{PROJECT}/%2e%2e/x/algorithms",
        f"{PROJECT}/assets/a%2Fb",
        f"{PROJECT}/assets/a%5cb",
        f"{PROJECT}/assets/a%00b",
        f"{PROJECT}/assets/a%0d%0ab",
        f"{PROJECT}/assets/a%252fb",
        f"{PROJECT}/assets/a%ff",
        f"{PROJECT}/assets/a\\b",
        f"{PROJECT}/assets/a#b",
        f"{PROJECT}/assets/a/",
        f"{PROJECT}/algorithms?a=\u00e9",
    ],
)
def test_crooked_paths_are_none(target: str) -> None:
    refused = judge("GET", target, "all")
    assert isinstance(refused, Refusal)
    assert refused.status == 400


def test_only_known_parameters_of_a_query_are_passed_on() -> None:
    target = (
        f"{PROJECT}/assets/a?view=FULL&access_token=t&key=k&callback=c&$httpMethod=DELETE&oauth_token=o&filter=a%3D1"
    )
    assert judge("GET", target, "read") == f"{PROJECT}/assets/a?view=FULL&filter=a%3D1"


def test_a_path_is_written_anew() -> None:
    assert judge("GET", f"{PROJECT}/assets/%61%20%E5%9F%8E", "read") == f"{PROJECT}/assets/a%20%E5%9F%8E"
