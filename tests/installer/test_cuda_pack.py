"""The CUDA pack: its configuration, its libraries, its manifest. It is built where there is a toolkit."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from installer import about, cuda_pack
from installer.cuda_pack import PackError
from models.llamacpp import backend_packs

needs_compiler = pytest.mark.skipif(
    not (shutil.which("cc") and shutil.which("patchelf")), reason="needs a C compiler and patchelf"
)


def test_the_source_is_the_one_that_the_program_is_compiled_from() -> None:
    lines = cuda_pack.pin((about.ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert lines.startswith("llama-cpp-python==") and "--hash=sha256:" in lines
    assert lines.count("==") == 1
    with pytest.raises(PackError, match=r"requirements\.lock"):
        cuda_pack.pin("numpy==2.0\n")


def test_it_is_configured_as_a_backend_that_is_loaded() -> None:
    command = cuda_pack.configure(Path("source"), Path("build"), "80-virtual", ["GGML_CUDA_FA=OFF"])
    assert {"-DGGML_BACKEND_DL=ON", "-DGGML_NATIVE=OFF", "-DGGML_CUDA=ON", "-DGGML_CUDA_FA=OFF"} <= set(command)
    assert "-DCMAKE_CUDA_ARCHITECTURES=80-virtual" in command
    assert not any("ARCHITECTURES" in word for word in cuda_pack.configure(Path("source"), Path("build"), ""))


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("libcudart.so.13", True),
        ("libcublas.so.13", True),
        ("libcublasLt.so.13", True),
        ("libcuda.so.1", False),  # the driver's own
        ("libggml-base.so.0", False),  # the program's own
        ("libc.so.6", False),
    ],
)
def test_the_libraries_of_the_pack(name: str, carried: bool) -> None:
    assert bool(cuda_pack.REDISTRIBUTED.match(name)) == carried


def test_nvidias_libraries_do_not_go_without_their_licence(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="licence"):
        cuda_pack.licences(tmp_path, tmp_path)
    (tmp_path / "EULA.txt").touch()
    assert cuda_pack.licences(Path("source"), tmp_path) == [Path("source/LICENSE"), tmp_path / "EULA.txt"]


@needs_compiler
def test_the_pack_names_its_ggml_and_finds_its_libraries_beside_it(tmp_path: Path) -> None:
    beside, plugin, licence = tmp_path / "libcudart.so.13", tmp_path / "built" / "libggml-cuda.so", tmp_path / "LICENSE"
    plugin.parent.mkdir()
    licence.touch()
    shared = ["cc", "-shared", "-fPIC", "-x", "c", "/dev/null", "-o"]
    subprocess.run([*shared, str(beside), f"-Wl,-soname,{beside.name}"], check=True)
    needs = ["-x", "none", str(beside), "-Wl,--no-as-needed", f"-Wl,-rpath,{tmp_path}"]
    subprocess.run([*shared, str(plugin), "-Wl,--no-as-needed", *needs], check=True)
    assert cuda_pack.needed(plugin) == {beside.name: beside}
    folder = tmp_path / "pack"
    cuda_pack.lay_out(folder, plugin, {beside.name: beside}, [licence], "0.25.3 0c1e570")
    assert json.loads((folder / backend_packs.MANIFEST).read_text(encoding="utf-8"))["ggml"] == "0.25.3 0c1e570"
    assert backend_packs.refusal(folder / plugin.name, "0.25.3 0c1e570") == ""
    assert len(list((folder / "licences").iterdir())) == 1
    beside.unlink()
    output = subprocess.run(["ldd", str(folder / plugin.name)], capture_output=True, text=True, check=True).stdout
    assert str(folder / beside.name) in output


@pytest.mark.skipif(not (shutil.which("dpkg-deb") and shutil.which("xz")), reason="needs dpkg-deb and xz")
def test_its_debian_package_belongs_to_one_version_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda_pack, "DIST", tmp_path / "dist")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    folder = tmp_path / "work" / "inkfall-cuda-0.1.0"
    (folder / "licences").mkdir(parents=True)
    (folder / "licences" / "EULA.txt").write_text("may be passed on", encoding="utf-8")
    (folder / backend_packs.MANIFEST).write_text("{}", encoding="utf-8")
    (tmp_path / "dist").mkdir()
    archive, package = cuda_pack.pack(folder, "0.1.0", 0)
    assert archive.name == "inkfall-cuda-0.1.0.tar.xz"
    output = subprocess.run(["dpkg-deb", "-f", str(package), "Depends", "Recommends"], capture_output=True, check=True)
    assert output.stdout.decode() == "Depends: inkfall (= 0.1.0)\n"
    listed = subprocess.run(["dpkg-deb", "-c", str(package)], capture_output=True, text=True, check=True).stdout
    places = {line.split()[5] for line in listed.splitlines()}
    assert {f"./usr/lib/inkfall-cuda/{backend_packs.MANIFEST}", "./usr/share/doc/inkfall-cuda/copyright"} <= places
