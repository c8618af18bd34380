/** The files that come with the package. Each address is written out, so that bundlers find its file. */

import type { ModuleFile } from "../engine/module.js";
import type { ModelName } from "./options.js";

/** The size and SHA-256 (as in `integrity`) of each file of the models; set when the package is built. */
declare const BITOCR_FILES: Record<string, { bytes: number; integrity: string }>;

export const FILES = BITOCR_FILES;

/** The files of a model, with the n-grams and words of its language. */
export const MODELS: Record<ModelName, { recognizer: string; ngram: string; words?: string }> = {
  english: { recognizer: "english.bit", ngram: "english.ngram", words: "english.words" },
  "english-tiny": { recognizer: "english-tiny.bit", ngram: "english.ngram", words: "english.words" },
  chinese: { recognizer: "chinese.bit", ngram: "chinese.ngram" },
};

export const DETECTOR = "page.bit";

/** The address of a file in the package's own folder of models; undefined if it is not in the package. */
export function shippedUrl(file: string): URL | undefined {
  switch (file) {
    case "page.bit":
      return new URL("./models/page.bit", import.meta.url);
    case "english.bit":
      return new URL("./models/english.bit", import.meta.url);
    case "english-tiny.bit":
      return new URL("./models/english-tiny.bit", import.meta.url);
    case "english.ngram":
      return new URL("./models/english.ngram", import.meta.url);
    case "english.words":
      return new URL("./models/english.words", import.meta.url);
    default:
      return undefined;
  }
}

/** The address of a file of the module. */
export function shippedModule(file: ModuleFile): URL {
  switch (file) {
    case "bitocr-relaxed.wasm":
      return new URL("./engine/bitocr-relaxed.wasm", import.meta.url);
    case "bitocr-simd.wasm":
      return new URL("./engine/bitocr-simd.wasm", import.meta.url);
    default:
      return new URL("./engine/bitocr.wasm", import.meta.url);
  }
}
