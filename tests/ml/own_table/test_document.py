"""A page says the same as Markdown and as HTML, and nothing that it says becomes markup."""

from pathlib import Path

from ml.own_table.document import Heading, Items, Paragraph, Picture, Table, html_page, markdown


def test_text_of_a_table_stays_text(tmp_path: Path) -> None:
    parts = [Heading("<b>a</b>"), Paragraph("x < y"), Items(["<script>"]), Table(["a|b", "n"], [["c|d", "1"]])]
    page = html_page("<t>", parts, tmp_path)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    assert "<title>&lt;t&gt;</title>" in page
    assert "| a\\|b | n |\n|---|---:|\n| c\\|d | 1 |" in markdown(parts)


def test_pictures_are_inside_the_page_and_beside_the_text(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"picture")
    part = Picture("p.png", "What it shows")
    assert "data:image/png;base64,cGljdHVyZQ==" in html_page("t", [part], tmp_path)
    assert markdown([part]) == "![What it shows](p.png)\n"
