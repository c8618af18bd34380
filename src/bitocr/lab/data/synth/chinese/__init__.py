"""Chinese text for pictures: its content (text, words, tokens) and its typefaces (faces, atlas)."""
