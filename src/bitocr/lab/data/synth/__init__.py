"""Pictures of text, rendered: `Renderer(kind, seed).render(index)` gives a gray image and what it says.

text (scene_text, document_text, tokens, words) -> a face (fonts, faces) -> ink (layout, geometry)
-> a surface (scene, scan, textures) -> a camera or a scanner (effects). `renderer` joins them.

`hard` draws what is hard to read, `foreign` what cannot be written, and `blank` what says nothing; `open_source` opens
any by its name in a recipe.
"""

from bitocr.lab.data.synth.opening import open_renderer, open_source
from bitocr.lab.data.synth.renderer import KINDS, Renderer

__all__ = ["KINDS", "Renderer", "open_renderer", "open_source"]
