from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchcomp import hookspecs
from benchcomp.registry import KINDS
from benchcomp.testing.child import checks_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="needs the extra docs")
    if not (DOCS / "smic-model-card.md").exists():
        pytest.skip("docs/smic.md links to pages that aren't written yet")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = {path.parent.name for path in (tmp_path / "site").rglob("index.html")}
    assert {path.stem for path in DOCS.glob("*.md")} - {"index"} <= pages


def test_every_hook_is_documented() -> None:
    hooks = [
        name for name, _ in inspect.getmembers(hookspecs, inspect.isfunction) if name.startswith("benchcomp_")
    ]
    assert len(hooks) == len(KINDS)
    page = text("plugins.md")
    assert [name for name in hooks if f"| `{name}` |" not in page] == []


def test_every_command_and_option_is_documented() -> None:
    """If this fails, run python scripts/write_command_docs.py."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import write_command_docs
    finally:
        sys.path.pop(0)
    page = text("command-line.md")
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    missing = []
    for name, command in list(write_command_docs.commands())[1:]:
        options = [opt for p in command.params for opt in getattr(p, "opts", []) if opt.startswith("-")]
        section = sections.get(name)
        missing += [name] if section is None else []
        missing += [
            f"{name} {opt}" for opt in options if opt not in (section or "") and opt not in ("--help", "-h")
        ]
    assert missing == []


@pytest.mark.parametrize("kind", ["codec", "metric", "dataset", "report"])
def test_every_check_is_documented_with_its_promise(kind: str) -> None:
    page = text("testing.md")
    rows = [
        f"| `{check.__name__}` | {(check.__doc__ or '').strip().splitlines()[0]} |"
        for check in checks_of(kind)
    ]
    assert [row for row in rows if row not in page] == []


def test_every_key_of_a_codec_file_is_documented() -> None:
    from benchcomp_command import description

    page = text("command-codec.md")
    keys = [f"[{key}]" if key in ("quality", "options") else key for key in description._TYPES]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_the_public_names_used_in_the_pages_exist() -> None:
    import re

    import benchcomp

    used = {name for page in DOCS.glob("*.md") for name in re.findall(r"`bc\.(\w+)", page.read_text())}
    assert used
    assert used <= set(benchcomp.__all__)
    methods = set(re.findall(r"`run\.(\w+)", text("python.md")))
    assert methods - {"sqlite"} <= {name for name in vars(benchcomp.Run) if not name.startswith("_")} | {
        "path"
    }


def test_the_notebook_runs(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="needs the extra docs")
    pytest.importorskip("ipykernel", reason="needs the extra docs")
    import nbformat

    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "the notebook is kept without outputs"
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [
        json.dumps(output.get("data", output))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    assert any("LPIPS (AlexNet)" in output for output in shown)
    assert any("image/png" in output for output in shown)
    assert shown[-1] == json.dumps({"text/plain": "True"})
