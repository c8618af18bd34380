"""Rendered pages with the places of their lines: what the detector is trained on.

pens      faces and texts of both languages, and glyphs drawn once
writing   a text as ink, with the places of its words
sheet     what is drawn on: pixels and the truth about them
document, form, receipt, screen, scene    layouts
signs     boards and banners in scenes
clutter   what looks like text and is none
camera    geometry and light between a sheet and a picture of it
renderer  from a seed and an index to a page
shards    pages on disk
targets, crops    what training takes from them
"""
