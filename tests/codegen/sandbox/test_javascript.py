"""Programs in JavaScript, with what the Code Editor offers."""

from pathlib import Path

import pytest

from codegen.sandbox.errors import JavaScriptMissingError
from codegen.sandbox.outcome import Limits
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import Emulator
from tests.codegen.sandbox.conftest import needs_bubblewrap, needs_javascript

pytestmark = [needs_bubblewrap]


@needs_javascript
def test_a_script_of_the_code_editor_prints_in_its_order(sandbox: Sandbox) -> None:
    script = """
var image = ee.Image(1).addBands(2);
print('bands', image.bandNames());
print(1 + 1, {a: [1]});
Map.setCenter(114.3, 30.6, 9);
Map.addLayer(image.select(0), {min: 0, max: 2}, 'first');
print(Map.getZoom(), ee.Number(5).getInfo());
Export.image.toDrive({image: image, description: 'mine', scale: 30});
print(ui.Chart.image.series(image));
var panel = ui.Panel({widgets: [ui.Label('a')]}); panel.add(ui.Button('b')); ui.root.add(panel);
require('fs').writeFileSync('left.txt', 'here');
"""
    outcome = sandbox.run(script, "javascript")
    assert outcome.succeeded, outcome
    assert outcome.stdout.split("\n") == [
        "bands", "[", '  "constant",', '  "constant_1"', "]", "2", "{", '  "a": [', "    1", "  ]", "}",
        "[map layer: first]", "9", "5", "[export image.toDrive: mine; not started]",
        "[ui.Chart.image.series: not drawn here]", "",
    ]  # fmt: skip
    assert outcome.files == {"left.txt": b"here"}


@needs_javascript
def test_a_script_that_loads_the_client_itself_finds_it_ready(sandbox: Sandbox) -> None:
    script = """
const ee = require('@google/earthengine');
ee.data.authenticateViaPrivateKey({}, () => {
  ee.initialize(null, null, () => ee.Number(2).evaluate((value) => console.log(value)));
});
"""
    assert sandbox.run(script, "javascript").stdout == "2\n"


@needs_javascript
@pytest.mark.parametrize(
    ("script", "stage", "kind", "line"),
    [
        ("var a = 1;\nvar b = ;", "compile", "SyntaxError", 2),
        ("print(1);\nmissing();", "run", "ReferenceError", 2),
        ("\n\nprint(ee.Number(1).plus(2));", "run", "TypeError", 3),
        ("\nprint(ee.Image('none'));", "run", "Error", 2),
        ("\nMap.addLayer(ee.Image('none'), {}, 'x');", "run", "Error", 2),
        ("require('users/somebody/repository:file');", "run", "Error", 1),
        ("throw {hostile: 1}", "run", "object", None),
    ],
)
def test_an_error_is_told_with_its_kind_and_line(
    sandbox: Sandbox, script: str, stage: str, kind: str, line: int | None
) -> None:
    outcome = sandbox.run(script, "javascript")
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert (outcome.error.stage, outcome.error.kind, outcome.error.line) == (stage, kind, line)
    assert "earthengine/build" not in outcome.error.traceback


def test_a_missing_client_is_told_with_what_to_do(emulator: Emulator, tmp_path: Path) -> None:
    with (
        open_sandbox(emulator.url, Limits(wall_seconds=30), javascript_modules=tmp_path) as opened,
        pytest.raises(JavaScriptMissingError, match="npm ci"),
    ):
        opened.run("print(1)", "javascript")
