"""Runs MNN's native converter in a separate process.

The wheel's commands mnn, mnnconvert and mnnquant install a package and report each use to a server. The native function
that they call does neither, so we call it directly. It aborts on models that it cannot convert, so it runs in a
separate process. It leaves a file in the working directory, so it gets a folder of its own. It always reports success,
so we check its output.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bitocr.errors import ModelError

CALL = "import sys, _tools; _tools.mnnconvert(['mnnconvert', *sys.argv[1:]])"

#: The MNN file and the parameters of its compression, in the converter's folder.
MODEL, COMPRESSION = "model.mnn", "compression.json"


def convert(name: str, model: bytes, *options: str, compression: dict[str, Any] | None = None) -> bytes:
    """Converts the bytes of an ONNX file to those of an MNN file.

    Args:
        name: the network's name, for error messages.
        options: the converter's options, as listed by `MNNConvert --help`.
        compression: MNN.Compression.Pipeline, which says how to quantize each layer.

    Raises:
        ModelError: the converter failed.
    """
    return run_converter(name, model, options, compression)[0]


def compressible(name: str, model: bytes, *options: str) -> list[dict[str, Any]]:
    """The layers whose weights the converter can quantize, as entries of MNN.Compression. Arguments as in `convert`."""
    _, written = run_converter(name, model, ("--weightQuantBits", "8", *options), None)
    layers = [layer for step in written["algo"] for layer in step["quantParams"].get("layer", [])]
    if not layers:
        raise ModelError(f"{name}: MNN's converter found no layer whose weights it could quantize")
    return layers


def run_converter(
    name: str, model: bytes, options: tuple[str, ...], compression: dict[str, Any] | None
) -> tuple[bytes, dict[str, Any]]:
    """The MNN file and the compression parameters: those given, or those that the converter derives from `options`."""
    if importlib.util.find_spec("_tools") is None:
        raise ModuleNotFoundError("MNN's converter is not installed", name="MNN")
    with tempfile.TemporaryDirectory() as folder:
        source, out, parameters = (Path(folder) / file for file in ("model.onnx", MODEL, COMPRESSION))
        source.write_bytes(model)
        if compression is not None:
            parameters.write_text(json.dumps(compression))
        files = ["--modelFile", source.name, "--MNNModel", out.name, "--compressionParamsFile", parameters.name]
        command = [sys.executable, "-c", CALL, "-f", "ONNX", *files, *options]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode != 0 or not out.is_file() or not parameters.is_file():
            raise ModelError(f"{name}: MNN's converter failed: {complaint(done)}")
        return out.read_bytes(), json.loads(parameters.read_text())


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The converter's error message: the first line that mentions an error, otherwise the last line."""
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if "err" in line.lower() or "not support" in line.lower()]
    return (errors or lines[-1:] or [f"it ended with {done.returncode}"])[0]
