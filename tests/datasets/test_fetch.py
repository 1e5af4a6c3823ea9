"""Fetching data sets from a server on this machine: checked, resumable, safe, and clear when it fails."""

import functools
import hashlib
import http.server
import io
import tarfile
import threading

import numpy as np
import pytest
from benchcomp_datasets import fetching, manifest
from benchcomp_datasets.facades import Facades
from benchcomp_datasets.folder import Folder
from benchcomp_datasets.kodak import Kodak
from PIL import Image

from benchcomp import BenchcompError
from benchcomp.pixels import content_hash


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        self.server.requests.append(self.path)


@pytest.fixture
def server(tmp_path):
    """A folder and its address; ``asked`` lists the paths that were asked for."""
    root = tmp_path / "server"
    root.mkdir()
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(root))
    ) as running:
        running.requests = []
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        running.root, running.url = root, f"http://127.0.0.1:{running.server_port}"
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHCOMP_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def kodak(server, data, monkeypatch):
    """A small stand-in for Kodak's images on the server, known to the manifest."""
    table = {}
    for number in range(1, 25):
        pixels = np.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(server.root / f"kodim{number:02}.png")
        table[f"kodim{number:02}"] = [content_hash(pixels)]
    monkeypatch.setattr(manifest, "known", {"kodak": table}.get)
    monkeypatch.setattr(Kodak, "url", server.url)
    return server


def pair(number):
    stream = io.BytesIO()
    pixels = np.random.default_rng(number).integers(0, 256, (256, 512, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((512, 256)).save(stream, "JPEG", quality=20)
    return stream.getvalue()


def archive(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = tarfile.SYMTYPE, str(content)
                tar.addfile(info)


@pytest.fixture
def facades(server, data, monkeypatch):
    """Three pairs as they would be in the archive, known to the manifest (but not the test split's)."""
    members = [
        (f"facades/{split}/{number}.jpg", pair(number)) for split, number in (("train", 1), ("val", 2))
    ]
    table = {name[8:-4]: [hashlib.sha256(content).hexdigest()] for name, content in members}
    monkeypatch.setattr(manifest, "known", {"facades": table}.get)
    monkeypatch.setattr(Facades, "url", f"{server.url}/facades.tar.gz")
    server.members = [*members, ("facades/test/3.jpg", pair(3))]
    archive(server.root / "facades.tar.gz", server.members)
    return server


def test_kodak_is_fetched_with_progress(kodak, data):
    told = []
    Kodak().fetch(lambda done, total: told.append((done, total)))
    assert told == [(done, 24) for done in range(1, 25)]
    assert len(list(Kodak().images())) == 24
    assert Kodak().load("kodim07").shape == (6, 8, 3)
    assert sorted(path.suffix for path in (data / "kodak").iterdir()) == [".png"] * 24


def test_kodak_fetches_only_what_is_missing_or_wrong(kodak, data):
    Kodak().fetch()
    (data / "kodak" / "kodim03.png").unlink()
    (data / "kodak" / "kodim05.png").write_bytes(b"damaged")
    kodak.requests.clear()
    Kodak().fetch()
    assert kodak.requests == ["/kodim03.png", "/kodim05.png"]
    assert Kodak().load("kodim05").shape == (6, 8, 3)


def test_another_picture_is_refused(kodak, data):
    Image.new("RGB", (8, 6)).save(kodak.root / "kodim02.png")
    with pytest.raises(BenchcompError, match=r"kodim02\.png: is not the published image"):
        Kodak().fetch()
    assert [path.name for path in (data / "kodak").iterdir()] == ["kodim01.png"]


def test_facades_is_fetched_with_progress(facades, data):
    told = []
    Facades().fetch(lambda done, total: told.append((done, total)))
    size = (facades.root / "facades.tar.gz").stat().st_size
    assert told[-1] == (size, size)
    assert list(Facades("train").images()) == ["1"]
    assert list(Facades("val").images()) == ["2"]
    assert list(Facades("test").images()) == ["3"]
    assert Facades("val").load("2").shape == (256, 256, 3)
    assert sorted(path.name for path in (data / "facades").iterdir()) == ["test", "train", "val"]


def test_only_expected_members_are_unpacked(facades, data, tmp_path):
    strange = [
        ("../outside.jpg", b"x"),
        ("facades/val/../../../outside.jpg", b"x"),
        (f"{tmp_path}/absolute.jpg", b"x"),
        ("facades/val/9.jpg", tmp_path / "secret"),
        ("facades/val/run.sh", b"x"),
        ("facades/other/1.jpg", b"x"),
    ]
    archive(facades.root / "facades.tar.gz", strange + facades.members)
    Facades().fetch()
    files = sorted(str(path.relative_to(data)) for path in data.rglob("*") if not path.is_dir())
    assert files == ["facades/test/3.jpg", "facades/train/1.jpg", "facades/val/2.jpg"]
    assert not list(tmp_path.rglob("outside.jpg")) + list(tmp_path.rglob("absolute.jpg"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda members: members[1:], "lacks 1 images, such as train/1"),
        (
            lambda members: [(members[0][0], pair(8)), *members[1:]],
            "is not the published image facades/train/1",
        ),
        (lambda members: [("facades/val/7.jpg", bytes(2 << 20)), *members], "suspiciously large"),
    ],
)
def test_a_wrong_archive_changes_nothing(facades, data, change, message):
    archive(facades.root / "facades.tar.gz", change(facades.members))
    with pytest.raises(BenchcompError, match=message):
        Facades().fetch()
    assert not list((data / "facades").iterdir())


def test_a_damaged_archive_is_said(facades):
    whole = (facades.root / "facades.tar.gz").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"<html>moved</html>", b""):
        (facades.root / "facades.tar.gz").write_bytes(damaged)
        with pytest.raises(BenchcompError, match="not a readable archive"):
            Facades().fetch()


def test_no_network_is_said(kodak, monkeypatch):
    monkeypatch.setattr(Kodak, "url", "http://127.0.0.1:9")
    with pytest.raises(BenchcompError, match=r"can't be reached .*check the network") as caught:
        Kodak().fetch()
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said(kodak, monkeypatch):
    monkeypatch.setattr(Kodak, "url", f"{kodak.url}/moved")
    with pytest.raises(BenchcompError, match="the server answers 404"):
        Kodak().fetch()


def test_a_place_that_cannot_be_written_is_said(kodak, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCHCOMP_DATA", str(tmp_path / "file"))
    with pytest.raises(BenchcompError, match="can't be written"):
        Kodak().fetch()


def test_a_folder_has_nothing_to_fetch():
    with pytest.raises(BenchcompError, match="nothing to download"):
        Folder("x").fetch()


def test_download_tells_bytes(server, tmp_path):
    (server.root / "file.bin").write_bytes(bytes(200_000))
    told = []
    fetching.download(f"{server.url}/file.bin", tmp_path / "file.bin", lambda *state: told.append(state))
    assert (tmp_path / "file.bin").stat().st_size == 200_000
    assert told[-1] == (200_000, 200_000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_manifests_hold_what_was_published():
    assert sorted(manifest.known("kodak")) == [f"kodim{number:02}" for number in range(1, 25)]
    assert len(manifest.known("facades")) == 500
    for name in ("kodak", "facades"):
        values = [value for hashes in manifest.known(name).values() for value in hashes]
        assert all(len(value) == 64 for value in values)
        assert len(set(values)) == len(values)
