"""Hand-made pages for tests of formats and of the programs that use them."""

from __future__ import annotations

from bitocr.page import Block, Char, Line, Page, Quad, Word


def quad(left: float, top: float, right: float, bottom: float) -> Quad:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def line(text: str, left: float, top: float, paragraph: int = 0, row: int = 0, high: float = 20) -> Line:
    """A line of text whose letters are half as wide as high."""
    wide, words, at = high / 2, [], left
    for text_of_word in text.split(" "):
        chars = tuple(
            Char(char, 0.75, quad(at + i * wide, top, at + (i + 1) * wide, top + high))
            for i, char in enumerate(text_of_word)
        )
        right = at + len(chars) * wide
        words.append(Word(text_of_word, 0.75, quad(at, top, right, top + high), chars))
        at = right + wide
    return Line(text, 0.75, quad(left, top, at - wide, top + high), tuple(words), paragraph, row)


def turned(line: Line, page_height: float) -> Line:
    """The same line turned by 90 degrees counterclockwise, which reads from bottom to top."""

    def turn(corners: Quad) -> Quad:
        a, b, c, d = ((y, page_height - x) for x, y in corners)
        return a, b, c, d

    words = tuple(Word(word.text, word.confidence, turn(word.quad)) for word in line.words)
    return Line(line.text, line.confidence, turn(line.quad), words, line.paragraph, line.row)


def page(*lines: Line, width: int = 400, height: int = 300) -> Page:
    text = "\n".join(each.text for each in lines)
    return Page(width, height, text=text, blocks=(Block(quad(0, 0, width, height), lines),), model="english")


LETTER = page(
    line("A <title> & more", 20, 10, high=40),
    line("The first line", 20, 100, 1, 1),
    line("and the second.", 20, 130, 1, 2),
)
