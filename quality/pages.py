"""Data Docs that need no network: Great Expectations' pages take their style, scripts and a logo from the web."""

import html
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from quality.outcome import enumerate_names
from quality.suite_result import SuiteResult

INDEX = "index.html"

# The scripts and styles in the page itself are of no use without those that they build on.
_FROM_THE_WEB = re.compile(
    r"<link\b[^>]*>|<img\b[^>]*>|<script\b.*?</script>|<style\b.*?</style>|<footer\b.*?</footer>", re.DOTALL
)
_STYLE = """
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem 1.5rem; color: #1c2430; }
a { color: #1f6f8b; }
h1 { font-size: 1.5rem; } h2, h5 { font-size: 1.15rem; margin: 1.6rem 0 .4rem; } h4, h6, .h6 { font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 .8rem; }
th, td { border-bottom: 1px solid #d8dee6; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.breadcrumb, nav ul { list-style: none; padding-left: 0; } nav ul.nav { columns: 4; }
.card:has(.btn-group), [data-toggle="collapse"] { display: none; } /* what only a script would move */
.badge { background: #e8edf3; border-radius: .3rem; font-size: 85%; padding: .05rem .35rem; }
.notice { background: #fff3d6; border-left: .3rem solid #e0a100; padding: .5rem .8rem; }
.passed, .text-success { color: #1a7f4b; } .failed, .text-danger { color: #b3261e; } .warned { color: #8a6100; }
.fa-check-circle::before { content: "✓"; } .fa-times::before { content: "✗"; }
.fa-exclamation-triangle::before { content: "!"; }
i.fas { font-style: normal; font-weight: 700; }
code { font-size: 90%; overflow-wrap: anywhere; }
</style>
"""


def make_offline(folder: Path) -> None:
    """Takes from every page below a folder what it would load from elsewhere, and gives it a style of its own."""
    shutil.rmtree(folder / "static")
    for page in sorted(folder.rglob("*.html")):
        text = _FROM_THE_WEB.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", f"{_STYLE}</head>", 1), encoding="utf-8")


def write_index(folder: Path, results: Sequence[SuiteResult], simulated: bool) -> None:
    """Writes the page from which the others are reached, in place of the one that only a script from the web fills."""
    rows = "".join(_row(folder, result) for result in results)
    unmet = "".join(_unmet(result) for result in results if result.failures or result.warnings)
    origin = '<p class="notice">Simulated data: nothing here says anything about real cities.</p>' if simulated else ""
    page = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>AEF-Econ Data Docs</title>{_STYLE}</head><body>
<h1>AEF-Econ Data Docs</h1>{origin}
<p>Great Expectations, held against the summary of every partition: {_count(results)}.</p>
<table><tr><th>Suite</th><th>Result</th><th>Expectations</th><th>Unmet</th><th>Warnings</th><th></th></tr>{rows}</table>
{unmet}</body></html>
"""
    (folder / INDEX).write_text(page, encoding="utf-8")


def _count(results: Sequence[SuiteResult]) -> str:
    failed = [result.name for result in results if not result.passed]
    return f"{len(results)} suites, " + (f"failed: {enumerate_names(failed)}" if failed else "all passed")


def _row(folder: Path, result: SuiteResult) -> str:
    validation = next((folder / "validations" / result.name).rglob("*.html"))
    suite = folder / "expectations" / f"{result.name}.html"
    status = '<span class="passed">✓ passed</span>' if result.passed else '<span class="failed">✗ failed</span>'
    return (
        f'<tr><td><a href="{_link(folder, validation)}">{html.escape(result.name)}</a></td><td>{status}</td>'
        f"<td>{result.expectations}</td><td>{len(result.failures)}</td><td>{len(result.warnings)}</td>"
        f'<td><a href="{_link(folder, suite)}">expectations</a></td></tr>'
    )


def _unmet(result: SuiteResult) -> str:
    items = [f'<li class="failed"><code>{html.escape(text)}</code></li>' for text in result.failures]
    items += [f'<li class="warned"><code>{html.escape(text)}</code></li>' for text in result.warnings]
    return f"<h2>{html.escape(result.name)}</h2><ul>{''.join(items)}</ul>"


def _link(folder: Path, page: Path) -> str:
    return quote(page.relative_to(folder).as_posix())
