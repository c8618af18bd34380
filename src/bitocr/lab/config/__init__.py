"""The configuration of training: the type, limits and default of every setting, stated only here.

A *settings class* (`bitocr.lab.config.settings.Settings`) has one field per key, and its instances are immutable.
`bitocr.lab.config.convert.convert` makes one from plain values (as in YAML and JSON); a wrong value raises an error of
one line that says where it is. `plain` is the inverse. `bitocr.lab.config.load.load` reads a YAML file with
``key=value`` overrides.

This package imports nothing else from lab. Its users check whether files exist and networks can be built.
"""
