import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILD = "import sys; from scikit_build_core.build import build_wheel; print(build_wheel(sys.argv[1]))"


def test_without_a_compiler_everything_else_is_built_and_flif_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scikit_build_core")
    monkeypatch.setenv("CXX", "/bin/false")
    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"benchcomp/codec.py", "benchcomp_flif/files.py", "benchcomp_jpeg/__init__.py"} <= names
    assert not [name for name in names if name.endswith((".so", ".cpp", ".h", "CMakeLists.txt"))]

    # -S keeps this environment's own, built, benchcomp_flif out of the way.
    code = (
        "from benchcomp.registry import Registry; import benchcomp_flif;"
        "registry = Registry(); registry.add(benchcomp_flif, 'flif');"
        "print(benchcomp_flif.__file__); registry.codec('flif')"
    )
    packages = [path for path in sys.path if path.endswith("site-packages")] or [
        sysconfig.get_path("purelib")
    ]
    monkeypatch.setenv("PYTHONPATH", ":".join([str(wheel), *packages]))
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert str(wheel) in done.stdout
    message = done.stderr.strip().splitlines()[-1]
    assert (
        "codec 'flif' is unavailable: its native extension isn't built; install a C++17 compiler" in message
    )
