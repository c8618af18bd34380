"""Charsets that are too long for a line of code, one file each: `open_charset("chinese")` reads chinese.txt."""
