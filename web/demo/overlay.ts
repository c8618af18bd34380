/** The invisible text over the picture, which you can select. */

import type { Page, PageLine, Point, Quad, Word } from "../src/index.js";
import { at } from "./elements.js";
import { type Part, partsOf } from "./parts.js";

const SIZE = 100; // of the letters before they are stretched into their box, in pixels

/** Fills the layer and keeps it as large as the picture. Returns the elements of each line. */
export function showOverlay(page: Page): HTMLElement[][] {
  const layer = at("layer");
  layer.style.width = `${page.width}px`;
  layer.style.height = `${page.height}px`;
  const lines = partsOf(page).map(lineElements);
  layer.replaceChildren(...lines.flat());
  stretch(lines.flat().filter((element) => element.dataset.quad));
  fit();
  return lines;
}

export function clearOverlay(): void {
  at("layer").replaceChildren();
}

export function watchSize(): void {
  new ResizeObserver(fit).observe(at("image"));
}

/** The layer has the picture's own size in pixels, and is scaled to the shown size. */
function fit(): void {
  const image = at<HTMLImageElement>("image");
  const layer = at("layer");
  const width = parseFloat(layer.style.width);
  if (width && image.clientWidth) layer.style.transform = `scale(${image.clientWidth / width})`;
}

function lineElements({ line, before }: Part): HTMLElement[] {
  return [spanOf("between", before), ...line.words.map((word, i) => wordElement(word, line, line.words[i + 1]))];
}

/** The space after a word reaches to the next word. */
function wordElement(word: Word, line: PageLine, next: Word | undefined): HTMLElement {
  const element = spanOf("word", next ? `${word.text} ` : word.text);
  const right = next ? next.quad[0] : word.quad[1];
  element.dataset.quad = JSON.stringify(boxOf(line.quad, word.quad[0], right));
  return element;
}

function spanOf(kind: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  return element;
}

/** The box of a part of a line, as high as the line, so that the selection has the same height everywhere. */
function boxOf(line: Quad, start: Point, end: Point): Quad {
  const [left, right] = [along(line, start), along(line, end)];
  const [a, b, c, d] = line;
  return [between(a, b, left), between(a, b, right), between(d, c, right), between(d, c, left)];
}

/** The position of a point along the line's upper side, from 0 to 1. */
function along([a, b]: Quad, [x, y]: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  return ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1);
}

function between(a: Point, b: Point, part: number): Point {
  return [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
}

/** Measures all widths before it changes anything, so that the browser computes the layout once. */
function stretch(elements: HTMLElement[]): void {
  for (const element of elements) element.style.fontSize = `${SIZE}px`;
  const sizes = elements.map((element) => [element.offsetWidth || 1, element.offsetHeight || 1] as const);
  elements.forEach((element, i) => {
    const [a, b, , d] = JSON.parse(element.dataset.quad as string) as Quad;
    const [width, height] = sizes[i] as readonly [number, number];
    const across = [(b[0] - a[0]) / width, (b[1] - a[1]) / width];
    const down = [(d[0] - a[0]) / height, (d[1] - a[1]) / height];
    element.style.transform = `matrix(${[...across, ...down, a[0], a[1]].join(",")})`;
  });
}
