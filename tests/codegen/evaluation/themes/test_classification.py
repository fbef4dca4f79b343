"""Every task belongs to a class of problems that is defined."""

from collections import Counter

from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.themes.classification import problem_classes, problems
from codegen.evaluation.building.themes.tasks import theme_tasks


def test_there_are_forty_themes_of_every_class() -> None:
    assert len(theme_tasks()) >= 40
    counted = Counter(problems(theme_tasks()).values())
    assert counted.keys() == problem_classes().keys()
    assert min(counted.values()) >= 4


def test_combination_tasks_are_of_the_same_classes() -> None:
    assert set(problems(combination_tasks()).values()) == problem_classes().keys()


def test_a_class_says_what_belongs_to_it() -> None:
    for name, told in problem_classes().items():
        assert told.name == name
        assert told.title
        assert told.definition.endswith(".")


def test_themes_use_many_data_sets() -> None:
    text = "\n".join(str(written.draft.task.reference) for written in theme_tasks())
    text += "\n".join(str(case.params) for written in theme_tasks() for case in written.draft.task.cases)
    data_sets = (
        "LANDSAT/LC08/C02/T1_L2", "LANDSAT/LC09/C02/T1_L2", "LANDSAT/LC08/C02/T1\"", "COPERNICUS/S2_SR_HARMONIZED",
        "MODIS/061/MOD13Q1", "MODIS/061/MOD11A2", "WorldPop/GP/100m/pop", "JRC/GHSL/P2023A/GHS_POP",
        "JRC/GHSL/P2023A/GHS_BUILT_S", "JRC/GHSL/P2023A/GHS_BUILT_H", "NOAA/VIIRS/DNB/ANNUAL_V21", "USGS/SRTMGL1_003",
        "CGIAR/SRTM90_V4", "GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL", "assets/urban_form", "assets/poi_",
        "assets/label_points_", "assets/label_districts_",
    )  # fmt: skip
    assert [name for name in data_sets if name not in text] == []
