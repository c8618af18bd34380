"""Rendered pages with the places of their lines, to train the detector.

pens      typefaces and texts of both languages, and cached glyphs
writing   text drawn as ink, with the places of its words
sheet     a canvas: pixels and their ground truth
document, form, receipt, screen, scene    layouts
signs     boards and banners in scenes
clutter   things that look like text but are not
camera    geometry and light of a photograph or scan of a sheet
renderer  renders a page from a seed and an index
shards    pages on disk
targets, crops    training data from pages
"""
