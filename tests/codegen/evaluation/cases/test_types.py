"""The 26 types, and the way from what Earth Engine declares to them."""

from codegen.evaluation.cases.types import TYPES, type_of, type_of_result
from ee_emulator.registry import signatures


def test_there_are_26_types_in_order():
    assert len(set(TYPES)) == 26
    assert list(TYPES) == sorted(TYPES)


def test_the_client_declares_33_types_of_results():
    assert len({signature.returns.split("<", 1)[0] or signature.returns for signature in signatures().values()}) == 33


def test_every_documented_algorithm_but_that_of_a_paid_service_has_a_type_and_every_type_has_one():
    found = {name: type_of(name, told.returns) for name, told in signatures().items() if told.documented}
    assert {name for name, kind in found.items() if kind is None} == {"Model.fromVertexAi"}
    assert {kind for kind in found.values() if kind} == set(TYPES)


def test_all_that_is_said_of_single_algorithms_is_said_of_algorithms_that_there_are():
    from codegen.evaluation.cases import types

    assert set(types._OBJECTS) | set(types._ARRAY_IMAGES) <= set(signatures())


def test_a_type_is_told_by_algorithm_and_declared_result():
    assert type_of("Number.add", "Number") == "ee.Number"
    assert type_of("Geometry.contains", "Boolean") == "ee.BOOL"
    assert type_of("Image.toArray", "Image<unknown bands>") == "ee.ArrayImage"
    assert type_of("String.split", "List<String>") == "ee.List"


def test_tasks_that_tell_no_type_have_it_from_their_results():
    assert type_of_result("bool") == "ee.BOOL"
    assert type_of_result("ee.Image") == "ee.Image"
    assert type_of_result("error_message") == ""
