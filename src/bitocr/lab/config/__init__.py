"""The configuration of training: every setting with its type, its limits and its default, each stated here only.

A *settings class* (`bitocr.lab.config.settings.Settings`) has one field for each key, and its instances never change.
`bitocr.lab.config.convert.convert` makes one of plain values, as YAML and JSON have them, and refuses what is wrong in
one line that tells where; `plain` is the way back. `bitocr.lab.config.load.load` does this with a YAML file and
``key=value`` overrides.

This package imports nothing of the rest of lab: whether files exist and whether a network can be built is
looked at by those who use it.
"""
