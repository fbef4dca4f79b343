"""A file of tasks that is wrong is refused with its place; one that is right becomes a task."""

from pathlib import Path

import pytest

from codegen.evaluation.building.combinations.written import read_written
from codegen.evaluation.cases.case import PythonSource
from lake.errors import BadInputError

TASK = """\
doubled:
  chain: Image > Image.add
  problem: data_access
  takes: 'image: ee.Image, times: int'
  returns: ee.Image
  does: |
    Doubles.

    Args:
        image: Any.
        times: How often.

    Returns:
        Another.
  reference: |
    return ee.Image(image).add(image)
  second: |
    return image.multiply(2)
  cases:
    - {image: '=ee.Image(3)', times: 2}
    - {image: '=ee.Image(4)', times: 2}
"""


def test_a_task_is_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(TASK)
    (written,) = read_written(tmp_path, "combination")
    task = written.draft.task
    assert task.instruction == (
        'def doubled(image: ee.Image, times: int) -> ee.Image:\n    """Doubles.\n\n    Args:\n        image: Any.\n'
        '        times: How often.\n\n    Returns:\n        Another.\n    """\n'
    )
    assert task.reference == (
        "def doubled(image: ee.Image, times: int) -> ee.Image:\n    return ee.Image(image).add(image)\n"
    )
    assert written.chain == ("ee.Image", "ee.Image.add")
    assert written.problem == "data_access"
    assert (task.part, task.type, task.difficulty) == ("combination", "ee.Image", "easy")
    assert task.operators == ("ee.Image", "ee.Image.add")
    assert [case.params["times"] for case in task.cases] == [2, 2]
    assert task.cases[1].params["image"] == PythonSource("def get_image():\n    import ee\n    return ee.Image(4)\n")
    assert task.cases[1].id == "doubled_testcase2"
    assert written.draft.independence == "independent"


def test_a_second_solution_that_calls_the_chain_is_another_route_only(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(TASK.replace("image.multiply(2)", "ee.Image(image).add(ee.Image(image))"))
    (written,) = read_written(tmp_path, "combination")
    assert written.draft.independence == "route"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  problem: data_access\n", "", r"some\.yaml, doubled: .*missing: \['problem'\]"),
        ("  problem:", "  problems:", "not known: .'problems'."),
        ("  cases:", "  cases: !!python/object:os.system", "some.yaml, line 19"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "some.yaml").write_text(TASK.replace(old, new))
    with pytest.raises(BadInputError, match=told):
        read_written(tmp_path, "combination")


def test_two_tasks_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("some.yaml", "others.yaml"):
        (tmp_path / name).write_text(TASK)
    with pytest.raises(BadInputError, match="another task has this name"):
        read_written(tmp_path, "combination")
