"""Installs packages as their users would, without a compiler, and compares their readings with this checkout's.

Each function returns a summary. It raises WheelError if an installation fails or reads something else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import arm64
from common import BUILD, ROOT, TOOLS, WheelError, output, outside
from PIL import Image

LINE = ROOT / "tests" / "data" / "bank.png"
PAGE = ROOT / "examples" / "receipt.jpg"
MODELS = ROOT / "src" / "bitocr" / "models"
# Prints the kernels that can run here, and the readings of two images with all boxes and confidences.
READ = """
import sys
from ctypes import c_char_p
from bitocr.cli import run
from bitocr.native.library import lib
names = (c_char_p * 8)()
print(", ".join(names[i].decode() for i in range(lib.bitocr_kernels(names, 8))), flush=True)
sys.exit(run(["read", "--line", "--json", sys.argv[1]]) or run(["read", "--json", sys.argv[2]]))
"""
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
READY = ("--only-binary=:all:",)  # compile nothing
# The platform tags that wheels of numpy and Pillow may have.
ARM_PLATFORMS = ("manylinux2014", "manylinux_2_17", "manylinux_2_27", "manylinux_2_28")


def readings(python: list[str], environment: dict[str, str]) -> tuple[str, str]:
    """The kernels, and the readings."""
    done = subprocess.run(
        [*python, "-c", READ, str(LINE), str(PAGE)], env=environment, cwd=BUILD, capture_output=True, text=True
    )
    if done.returncode:
        raise WheelError(f"it does not read: {(done.stderr.strip() or 'no error').splitlines()[-1]}")
    kernels, _, read = done.stdout.partition("\n")
    return kernels, read


def here() -> str:
    """The readings of this checkout."""
    return readings([sys.executable], dict(os.environ))[1]


def same(read: str, expected: str, where: str) -> None:
    if read != expected:
        first = next((a for a, b in zip(read.splitlines(), expected.splitlines(), strict=False) if a != b), read)
        raise WheelError(f"{where} reads otherwise than this checkout: {first:.200}")


def try_native(path: Path, *options: str, compiler: bool = False) -> str:
    """Installs a wheel, or with `compiler` the source distribution, into a new environment."""
    with tempfile.TemporaryDirectory() as folder:
        output([sys.executable, "-m", "venv", folder])
        python = Path(folder) / "bin" / "python"
        environment = outside(PATH=os.environ["PATH"] if compiler else python.parent)
        install([str(python), *PIP, *options, str(path)], environment)
        kernels, read = readings([str(python)], environment)
    same(read, here(), path.name)
    return f"a fresh environment reads the same with {kernels.partition(',')[0]}"


def try_aarch64(path: Path) -> str:
    """Reads with Debian's Python for 64-bit ARM, on the newest processor and on one without dot products."""
    python = arm64.python()
    site = BUILD / "aarch64" / "site"
    shutil.rmtree(site, ignore_errors=True)
    where = [f"--platform={name}_aarch64" for name in ARM_PLATFORMS]
    where += ["--implementation=cp", f"--python-version={arm64.version().removeprefix('python')}"]
    install([sys.executable, *PIP, *READY, *where, f"--target={site}", str(path)], outside())
    expected, found = here(), []
    for cpu in ("max", "cortex-a53"):
        kernels, read = readings(python, outside(PATH=os.environ["PATH"], PYTHONPATH=site, QEMU_CPU=cpu))
        same(read, expected, f"{path.name} on {cpu}")
        found.append(kernels)
    if found != ["neon_dot, neon, generic", "neon, generic"]:
        raise WheelError(f"it runs these kernels: {'; '.join(found)}")
    return "Debian's arm64 Python under qemu-user reads the same with neon_dot and neon"


def install(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, cwd=BUILD, capture_output=True, text=True)
    if done.returncode:
        raise WheelError(f"pip: {done.stderr.strip().splitlines()[-1]}")


def try_windows(path: Path) -> str:
    """Runs C programs with the wheel's library under Wine; the models are in a folder with a non-ASCII name."""
    folder = BUILD / "windows" / "programs"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.unpack_archive(path, folder / "wheel", "zip")
    models = folder / "modèles 模型"
    (folder / "wheel" / "bitocr" / "models").rename(models)
    library = shutil.copy(folder / "wheel" / "bitocr" / "native" / "_libbitocr.dll", folder)
    ours = ROOT / "src" / "bitocr" / "native" / "_libbitocr.so"
    for source in (ROOT / "examples" / "read_line.c", TOOLS / "read_page.c"):
        compile_program("x86_64-w64-mingw32-gcc", source, Path(library), folder / f"{source.stem}.exe")
        compile_program("cc", source, ours, folder / source.stem, f"-Wl,-rpath,{ours.parent}")
    variables = {"WINEPREFIX": BUILD / "windows" / "wine", "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
    environment = outside(PATH=os.environ["PATH"], BITOCR_MODELS=models, LC_ALL="C.UTF-8", **variables)
    images = {"read_line": netpbm(LINE, folder / "line.ppm"), "read_page": netpbm(PAGE, folder / "page.ppm")}
    for program, model in (("read_line", "english"), ("read_page", "english"), ("read_page", "none-such")):
        wine = said(["wine", str(folder / f"{program}.exe"), model, images[program]], environment)
        same(wine, said([str(folder / program), model, images[program]], environment), f"{program} {model}")
    return "C programs under Wine find its models, read a line and a page, and fail with the same words"


def compile_program(compiler: str, source: Path, library: Path, program: Path, *options: str) -> None:
    includes = [f"-I{ROOT / 'engine' / 'include'}", f"-I{ROOT / 'examples'}"]
    output([compiler, "-std=c11", "-O1", *includes, str(source), str(library), *options, "-o", str(program)])


def netpbm(image: Path, out: Path) -> str:
    Image.open(image).convert("RGB").save(out)
    return str(out)


def said(command: list[str], environment: dict[str, str]) -> str:
    """The standard output of a program; Wine prints its own messages to standard error."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.stdout or f"no text: {done.stderr.strip()}"
