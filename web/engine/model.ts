/** Opens the models of a reader. */

import { BitocrError } from "./errors.js";
import { bytesOf, type Memory } from "./memory.js";
import { INFO, OPTIONS } from "./structures.js";
import { wordBytes } from "./text.js";
import type { Bytes, Files, ReaderOptions } from "./types.js";

export const NEVER = -1; // BITOCR_NEVER
const MAX_BEAM = 256;

/** The results of bitocr_describe. */
export interface ModelInfo {
  kernel: string;
  languages: string;
  languageModel: string;
  /** A pointer to the bitocr_decoding that lives with the model. */
  decoding: number;
}

/** A bitocr_model with its words. Raises BitocrError. */
export function openModel(memory: Memory, files: Files, options: ReaderOptions): number {
  const { beam, reread } = options;
  if (beam !== undefined && !(Number.isInteger(beam) && beam >= 0 && beam <= MAX_BEAM))
    throw new BitocrError("usage", `beam is a whole number from 0 to ${MAX_BEAM}, not ${beam}`);
  if (reread !== undefined && !(reread >= 0 && reread <= 1))
    throw new BitocrError("usage", `reread is a confidence from 0 to 1, not ${reread}`);
  const isGreedy = beam === 0;
  const words = wordBytes(isGreedy || !files.wordList ? undefined : bytesOf(files.wordList), options.words);
  return withBytes(memory, words, "words", (text, count) =>
    memory.withStructure(OPTIONS.size, (to) => {
      const { view } = memory;
      view.setInt32(to + OPTIONS.beam, isGreedy ? 1 : (beam ?? 0), true);
      view.setFloat32(to + OPTIONS.reread, reread === 0 ? NEVER : (reread ?? 0), true);
      view.setUint32(to + OPTIONS.words, text, true);
      view.setUint32(to + OPTIONS.wordsBytes, count, true);
      return withBytes(memory, files.model, "a model", (data, bytes) =>
        memory.handle((out, error) => memory.c.bitocr_load_memory(data, bytes, to, out, error)),
      );
    }),
  );
}

/** A bitocr_ngram, or 0 without bytes. Raises BitocrError. */
export function openNgram(memory: Memory, model: number, ngram: Bytes | undefined): number {
  if (!ngram) return 0;
  return withBytes(memory, ngram, "n-grams", (data, bytes) =>
    memory.handle((out, error) => memory.c.bitocr_ngram_load_memory(model, data, bytes, out, error)),
  );
}

/** A bitocr_detector, or 0 without bytes. Raises BitocrError. */
export function openDetector(memory: Memory, detector: Bytes | undefined): number {
  if (!detector) return 0;
  return withBytes(memory, detector, "a detector", (data, bytes) =>
    memory.handle((out, error) => memory.c.bitocr_detector_load_memory(data, bytes, 0, out, error)),
  );
}

export function describe(memory: Memory, model: number): ModelInfo {
  return memory.withStructure(INFO.size, (info) => {
    memory.call((error) => memory.c.bitocr_describe(model, info, error));
    const string = (field: number): string => {
      const pointer = memory.view.getUint32(info + field, true);
      return pointer ? memory.string(pointer) : "";
    };
    return {
      kernel: string(INFO.kernel),
      languages: string(INFO.languages),
      languageModel: string(INFO.languageModel),
      decoding: memory.view.getUint32(info + INFO.decoding, true),
    };
  });
}

function withBytes<T>(
  memory: Memory,
  data: Bytes | undefined,
  what: string,
  use: (pointer: number, bytes: number) => T,
): T {
  return data === undefined ? use(0, 0) : memory.withCopy(bytesOf(data), what, use);
}
