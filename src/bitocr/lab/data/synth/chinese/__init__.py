"""Chinese text in pictures: what is written (text, words, tokens) and in which faces (faces, atlas)."""
