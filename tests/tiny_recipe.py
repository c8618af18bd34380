"""A recipe of two short stages, a float network and a binary one that it teaches."""

from __future__ import annotations

from pathlib import Path

from bitocr.lab.config.recipe import Recipe
from bitocr.lab.train.config import load_recipe


def recipe(folder: Path, labels: Path, *overrides: str) -> Recipe:
    """Writes the recipe to `folder`, which is also its output folder, and loads it; `labels` names its images."""
    path = folder / "recipe.yaml"
    path.write_text(
        f"""
out: {folder / "run"}
network: {{arch: bit_crnn, stem: 32, blocks: [[32, [2, 2]], [64, [2, 1]]], neck: {{type: bilstm, hidden: 8}}}}
data: {{root: /, sources: [{{path: {labels}, weight: 1}}], columns: 512, workers: 0}}
validation: [{{path: {labels}, protocol: line, name: words}}]
trainer: {{precision: 32-true, accelerator: cpu, devices: 1}}
validate_every: 40
checkpoint_every: 20
stages:
  - {{name: float, stage: float, images: 60}}
  - {{name: both, stage: both, images: 60, teacher: float, distill: 1.0}}
"""
    )
    return load_recipe(path, overrides)
