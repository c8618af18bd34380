/**
 * Where the fields of the structures of engine/include/bitocr.h are, in bytes: pointers and sizes take 4. `check`
 * compares the sizes with the module's own.
 */

import { BitocrError } from "./errors.js";
import type { Memory } from "./memory.js";

export const ERROR = { size: 260, message: 4 };
export const IMAGE = { size: 24, pixels: 4, width: 8, height: 12, stride: 16, channels: 20 };
export const OPTIONS = { size: 36, beam: 12, reread: 16, words: 24, wordsBytes: 28 };
export const DECODING = { size: 24, ngram: 16, constraint: 20 };
export const INFO = { size: 56, kernel: 4, languages: 24, languageModel: 28, decoding: 40 };
export const LINE = { size: 24, text: 0, textBytes: 4, chars: 8, charCount: 12, confidence: 16, angle: 20 };
export const CHAR = { size: 12, score: 4, x: 8 };
export const PAGE_OPTIONS = { size: 16, scale: 4, minScore: 8, isUpright: 12 };
export const PAGE_INFO = {
  size: 36, width: 4, height: 8, angle: 12, scale: 16, lineCount: 20, blockCount: 24, text: 28, textBytes: 32,
};
export const BLOCK = { size: 40, quad: 0, firstLine: 32, lineCount: 36 };
export const PAGE_LINE = {
  size: 64, text: 0, textBytes: 4, confidence: 8, quad: 12, words: 44, wordCount: 48, block: 52, paragraph: 56, row: 60,
};
export const WORD = { size: 52, text: 0, textBytes: 4, confidence: 8, quad: 12, chars: 44, charCount: 48 };
export const PAGE_CHAR = { size: 40, score: 4, quad: 8 };

const NAMES: Record<string, { size: number }> = {
  bitocr_error: ERROR,
  bitocr_image: IMAGE,
  bitocr_options: OPTIONS,
  bitocr_decoding: DECODING,
  bitocr_info: INFO,
  bitocr_line: LINE,
  bitocr_char: CHAR,
  bitocr_page_options: PAGE_OPTIONS,
  bitocr_page_info: PAGE_INFO,
  bitocr_block: BLOCK,
  bitocr_page_line: PAGE_LINE,
  bitocr_word: WORD,
  bitocr_page_char: PAGE_CHAR,
};

/** Raises BitocrError for a module of another version. */
export function check(memory: Memory): void {
  for (const [name, { size }] of Object.entries(NAMES)) {
    const found = memory.withString(name, name, (pointer) => memory.c.bitocr_sizeof(pointer));
    if (found !== size)
      throw new BitocrError("usage", `the module is of another version: its ${name} takes ${found} bytes, not ${size}`);
  }
}
