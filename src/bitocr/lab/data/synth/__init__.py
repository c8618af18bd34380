"""Rendered pictures of text: `Renderer(kind, seed).render(index)` gives a gray image and its text.

text (scene_text, document_text, tokens, words) -> a face (fonts, faces) -> ink (layout, geometry)
-> a surface (scene, scan, textures) -> a camera or a scanner (effects). `renderer` joins them.

`hard` draws pictures that are hard to read, `foreign` letters that the charset lacks, and `blank` pictures without
text. `open_source` opens each by its name in a recipe.
"""

from bitocr.lab.data.synth.opening import open_renderer, open_source
from bitocr.lab.data.synth.renderer import KINDS, Renderer

__all__ = ["KINDS", "Renderer", "open_renderer", "open_source"]
