/** Converts the engine's results to plain objects. */

import { outOfMemory } from "./errors.js";
import type { Memory } from "./memory.js";
import { BLOCK, CHAR, LINE, PAGE_CHAR, PAGE_INFO, PAGE_LINE, WORD } from "./structures.js";
import type { Block, Char, Line, LineChar, Page, PageLine, Point, Quad, Word } from "./types.js";

/** Rounds to `digits` digits, with halves to even, like Python's round. */
export function round(x: number, digits: number): number {
  const unit = 10 ** digits;
  const scaled = x * unit;
  const near = Math.round(scaled);
  const isHalf = near - scaled === 0.5;
  return (isHalf && near % 2 ? near - 1 : near) / unit;
}

/** Converts bitocr_results of one line. */
export function readLine(memory: Memory, results: number): Line {
  const at = memory.c.bitocr_results_line(results, 0);
  const { view } = memory;
  const text = textAt(memory, at);
  const first = view.getUint32(at + LINE.chars, true);
  const chars = Array.from(text, (char, i): LineChar => {
    const place = first + i * CHAR.size;
    return { char, score: float(view, place + CHAR.score, 4), x: float(view, place + CHAR.x, 1) };
  });
  const confidence = float(view, at + LINE.confidence, 4);
  return { text, confidence, angle: view.getInt32(at + LINE.angle, true), chars };
}

/** Converts a bitocr_page. */
export function readPage(memory: Memory, page: number, path: string, model: string): Page {
  return memory.withStructure(PAGE_INFO.size, (info) => {
    memory.call((error) => memory.c.bitocr_page_describe(page, info, error));
    const { view } = memory;
    const text = memory.text(view.getUint32(info + PAGE_INFO.text, true), view.getUint32(info + PAGE_INFO.textBytes, true));
    const blockCount = view.getInt32(info + PAGE_INFO.blockCount, true);
    const lineCount = view.getInt32(info + PAGE_INFO.lineCount, true);
    return {
      schema: 1,
      path,
      width: view.getInt32(info + PAGE_INFO.width, true),
      height: view.getInt32(info + PAGE_INFO.height, true),
      angle: float(view, info + PAGE_INFO.angle, 2),
      scale: float(view, info + PAGE_INFO.scale, 4),
      model,
      text,
      confidence: round(meanConfidence(memory, page, lineCount), 4),
      blocks: Array.from({ length: blockCount }, (_, i) => readBlock(memory, page, i)),
    };
  });
}

/** The mean confidence of all lines, weighted by their lengths in characters; 0 without lines. */
function meanConfidence(memory: Memory, page: number, lineCount: number): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < lineCount; i++) {
    const at = memory.c.bitocr_page_get(page, i);
    const weight = Array.from(textAt(memory, at)).length || 1;
    total += weight;
    sum += weight * memory.view.getFloat32(at + PAGE_LINE.confidence, true);
  }
  return total ? sum / total : 0;
}

function readBlock(memory: Memory, page: number, i: number): Block {
  const at = memory.c.bitocr_page_get_block(page, i);
  const first = memory.view.getInt32(at + BLOCK.firstLine, true);
  const length = memory.view.getInt32(at + BLOCK.lineCount, true);
  return {
    quad: quadAt(memory.view, at + BLOCK.quad),
    lines: Array.from({ length }, (_, k) => readPageLine(memory, memory.c.bitocr_page_get(page, first + k))),
  };
}

function readPageLine(memory: Memory, at: number): PageLine {
  const { view } = memory;
  const first = view.getUint32(at + PAGE_LINE.words, true);
  const length = view.getUint32(at + PAGE_LINE.wordCount, true);
  return {
    text: textAt(memory, at),
    confidence: float(view, at + PAGE_LINE.confidence, 4),
    quad: quadAt(view, at + PAGE_LINE.quad),
    words: Array.from({ length }, (_, i) => readWord(memory, first + i * WORD.size)),
  };
}

function readWord(memory: Memory, at: number): Word {
  const { view } = memory;
  const text = textAt(memory, at);
  const first = view.getUint32(at + WORD.chars, true);
  const chars = Array.from(text, (char, i): Char => {
    const place = first + i * PAGE_CHAR.size;
    return { char, score: float(view, place + PAGE_CHAR.score, 4), quad: quadAt(view, place + PAGE_CHAR.quad) };
  });
  return { text, confidence: float(view, at + WORD.confidence, 4), quad: quadAt(view, at + WORD.quad), chars };
}

/** Reads the text, with which lines and words both begin. */
function textAt(memory: Memory, at: number): string {
  return memory.text(memory.view.getUint32(at, true), memory.view.getUint32(at + 4, true));
}

function quadAt(view: DataView, at: number): Quad {
  const corner = (i: number): Point => [float(view, at + 8 * i, 1), float(view, at + 8 * i + 4, 1)];
  return [corner(0), corner(1), corner(2), corner(3)];
}

function float(view: DataView, at: number, digits: number): number {
  return round(view.getFloat32(at, true), digits);
}

/** Creates a handle for results. Raises BitocrError. */
export function created(handle: number, what: string): number {
  if (!handle) throw outOfMemory(what);
  return handle;
}
