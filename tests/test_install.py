"""The engine for C programs: the installed files, pkg-config and CMake, and readings equal to bitocr's."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from bitocr import __version__
from bitocr.io.images import load
from conftest import Result
from installed import COMPILER, ROOT, STRICT, cmake, configure, run, tool

DATA = ROOT / "tests" / "data"
IMAGES = [DATA / "bank.png", *sorted((DATA / "lines").glob("*.png"))]
EXAMPLE = ROOT / "examples" / "read_line.c"
HEADER = (ROOT / "engine" / "include" / "bitocr.h").read_text()
PROJECT = """
cmake_minimum_required(VERSION 3.18)
project(example LANGUAGES C)
find_package(bitocr {version} REQUIRED)
add_executable(read_line {example})
target_link_libraries(read_line bitocr::{target})
file(WRITE ${{CMAKE_BINARY_DIR}}/models "${{bitocr_MODELS}}")
"""


def write_pnm(image: Path, path: Path) -> Path:
    """The pixels that bitocr reads in an image, as PGM or PPM."""
    Image.fromarray(load(image)).save(path.with_suffix(".ppm"), "PPM")
    return path.with_suffix(".ppm")


def compile_example(prefix: Path, program: Path, *, static: bool) -> Path:
    """The example, linked with pkg-config's flags."""
    flags = {"PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig")}
    code, out, err = run(tool("pkg-config"), *(["--static"] if static else []), "--cflags", "--libs", "bitocr", **flags)
    assert code == 0, err
    options = out.replace("-lbitocr", "-l:libbitocr.a") if static else f"{out} -Wl,-rpath,{prefix / 'lib'}"
    subprocess.run([COMPILER, *STRICT, EXAMPLE, *options.split(), "-o", program], check=True)
    return program


@pytest.fixture(scope="module")
def programs(engine_prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example with the shared and with the static library."""
    folder = tmp_path_factory.mktemp("programs")
    return {
        "shared": compile_example(engine_prefix, folder / "shared", static=False),
        "static": compile_example(engine_prefix, folder / "static", static=True),
    }


def test_what_is_installed(engine_prefix: Path) -> None:
    found = {path.relative_to(engine_prefix).as_posix() for path in engine_prefix.rglob("*") if path.is_file()}
    models = {f"share/bitocr/{path.name}" for path in (ROOT / "src" / "bitocr" / "models").iterdir()}
    packages = {"cmake/bitocr/bitocrConfig.cmake", "cmake/bitocr/bitocrTargets.cmake", "pkgconfig/bitocr.pc"}
    assert {"include/bitocr.h", *models, *(f"lib/{name}" for name in packages)} <= found
    assert any(name.startswith("lib/libbitocr.a") for name in found)
    assert not [name for name in found if "hooks" in name or "testing" in name or "_libbitocr" in name]


@pytest.mark.skipif(not shutil.which("nm"), reason="takes nm")
def test_it_exports_the_header_and_nothing_else(engine_prefix: Path) -> None:
    declared = set(re.findall(r"BITOCR_API [^;(]*?\b(bitocr_\w+)\(", HEADER))
    code, out, _ = run("nm", "-D", "--defined-only", engine_prefix / "lib" / "libbitocr.so")
    assert code == 0
    assert {line.split()[-1] for line in out.splitlines()} == declared
    _, out, _ = run("nm", "-g", "--defined-only", engine_prefix / "lib" / "libbitocr.a")
    assert not re.search(r"bitocr_(test|bench)_", out)


@pytest.mark.parametrize("library", ["shared", "static"])
def test_the_example_reads_what_the_command_line_reads(
    library: str, programs: dict[str, Path], run: Callable[..., Result], tmp_path: Path
) -> None:
    read = run("read", "--line", "--detector", "none", *IMAGES).out
    expected = [line.split("\t", 1)[1] for line in read.splitlines()]
    pictures = [write_pnm(path, tmp_path / path.stem) for path in IMAGES]
    found = [subprocess.run([programs[library], "english", path], capture_output=True, text=True) for path in pictures]
    assert [done.stdout for done in found] == [f"{line}\n" for line in expected]
    assert {(done.returncode, done.stderr) for done in found} == {(0, "")}


def test_the_example_reads_with_every_model(
    programs: dict[str, Path], run: Callable[..., Result], tmp_path: Path
) -> None:
    picture = write_pnm(DATA / "lines" / "chinese-words-00.png", tmp_path / "word")
    for model in ("chinese", "english-tiny"):
        options = ("--line", "--detector", "none", "--model", model)
        name, line = run("read", *options, picture, picture).out.splitlines()[0].split("\t", 1)
        for given in (model, ROOT / "src" / "bitocr" / "models" / f"{model}.bit"):
            done = subprocess.run([programs["shared"], given, name], capture_output=True, text=True)
            assert (done.stdout, done.stderr) == (f"{line}\n", "")


def test_the_static_program_takes_no_library_along(programs: dict[str, Path]) -> None:
    linked = {name: run(tool("ldd"), program)[1] for name, program in programs.items()}
    assert {name: "libbitocr" in out for name, out in linked.items()} == {"shared": True, "static": False}


def test_the_example_says_what_is_wrong(programs: dict[str, Path], tmp_path: Path) -> None:
    program, other = programs["shared"], tmp_path / "other.pgm"
    picture = write_pnm(DATA / "bank.png", tmp_path / "bank")
    pixels = picture.read_bytes()
    for data, message in {
        pixels[:500]: "the image ends too early",
        pixels.replace(b"255", b"15", 1): "not an image of 8 bits a channel",
        b"P5 -1 -1 255 ": "not an image of 8 bits a channel",
        b"P5 99999999999999999999 1 255 ": "not an image of 8 bits a channel",
        (DATA / "bank.png").read_bytes(): "not a binary PGM or PPM image",
        b"": "not a binary PGM or PPM image",
    }.items():
        other.write_bytes(data)
        assert run(program, "english", other) == (1, "", f"read_line: {other}: {message}\n")
    other.write_bytes(b"P5 # a comment\n#another\n1 # 2\n 1\n255\n\x80")
    assert run(program, "english", other)[::2] == (0, "")
    assert run(program, picture, picture) == (1, "", f"read_line: {picture}: this is not a bitocr model\n")
    known = "give the path of a .bit file or a shipped model's name (chinese, english, english-tiny, page)"
    assert run(program, "klingon", picture) == (1, "", f"read_line: no model is called 'klingon': {known}\n")
    assert run(program) == (1, "", "read_line: give a model and an image\n")


@pytest.mark.parametrize("target", ["bitocr", "shared", "static"])
def test_cmake_finds_it(target: str, engine_prefix: Path, tmp_path: Path) -> None:
    text = PROJECT.format(version=__version__, example=EXAMPLE, target=target)
    (tmp_path / "CMakeLists.txt").write_text(text)
    cmake(tmp_path, tmp_path / "build", f"-DCMAKE_PREFIX_PATH={engine_prefix}")
    assert (tmp_path / "build" / "models").read_text() == str(engine_prefix / "share" / "bitocr")
    picture = write_pnm(DATA / "bank.png", tmp_path / "bank")
    code, out, _ = run(tmp_path / "build" / "read_line", "english", picture)
    assert (code, out.split("\t")[0]) == (0, "AGRICULTURAL BANK OF CHINA")


def test_it_may_be_moved_and_read_models_from_elsewhere(engine_prefix: Path, tmp_path: Path) -> None:
    prefix = shutil.copytree(engine_prefix, tmp_path / "moved", symlinks=True)
    program = compile_example(prefix, tmp_path / "read_line", static=False)
    assert str(prefix) in run(tool("ldd"), program)[1]
    picture = write_pnm(DATA / "bank.png", tmp_path / "bank")
    expected = run(program, "english", picture)
    assert run(program, "english", picture, BITOCR_MODELS=str(prefix / "share" / "bitocr")) == expected
    (tmp_path / "models").mkdir()
    code, _, err = run(program, "english", picture, BITOCR_MODELS=str(tmp_path / "models"))
    assert (code, "shipped model's name (none)" in err) == (1, True)
    shutil.copy(prefix / "share" / "bitocr" / "english.bit", tmp_path / "models" / "mine.bit")
    code, out, _ = run(program, "mine", picture, BITOCR_MODELS=str(tmp_path / "models"))
    assert (code, out.split("\t")[0]) == (0, "AGRICULTURAL BANK OF CHINA")


def test_without_a_shared_library_pkg_config_links_what_a_static_one_needs(tmp_path: Path) -> None:
    configure(ROOT, tmp_path, "-DBITOCR_PYTHON=OFF", "-DBITOCR_SHARED=OFF")
    listing = (tmp_path / "engine" / "bitocr.pc").read_text()
    assert "Libs: -L${libdir} -lbitocr -lm -pthread\n" in listing


@pytest.mark.parametrize("state", ["wheel", "editable"])
def test_a_wheel_has_the_library_for_python_alone(state: str, tmp_path: Path) -> None:
    configure(ROOT, tmp_path, "-DSKBUILD=2", f"-DSKBUILD_STATE={state}")
    script = (tmp_path / "engine" / "cmake_install.cmake").read_text()
    [(folder, files)] = re.findall(r'file\(INSTALL DESTINATION "([^"]*)" .*FILES ([^)]*)\)', script)
    assert folder.endswith("/bitocr/native")
    assert re.fullmatch(r'"[^" ]*/_libbitocr\.\w+"', files)
    assert "BITOCR_HOOKS:BOOL=OFF" in (tmp_path / "CMakeCache.txt").read_text()


def test_an_editable_install_asks_for_hooks() -> None:
    tomllib = pytest.importorskip("tomllib")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["scikit-build"]
    assert settings["cmake"]["define"] == {"BITOCR_HOOKS": False}
    assert settings["overrides"] == [{"if": {"state": "editable"}, "cmake": {"define": {"BITOCR_HOOKS": True}}}]
