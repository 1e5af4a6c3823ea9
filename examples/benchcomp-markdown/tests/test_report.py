from benchcomp_markdown.report import Markdown

from benchcomp.testing import example_results


def test_the_tables_have_what_they_should(tmp_path):
    out = tmp_path / "report.md"
    Markdown().write([example_results()], out)
    lines = out.read_text().splitlines()
    assert lines[0] == "## example: example"
    assert "| codecs | metric | bits at the same quality |" in lines
    assert sum(line.startswith("| jpeg:subsampling=444 against jpeg | PSNR (RGB) |") for line in lines) == 1
    assert sum(line.startswith("| jpeg | ") for line in lines) == 4
