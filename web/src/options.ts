/** What `createReader` and the methods of a reader take. */

import type { Limits, ReaderOptions as EngineOptions } from "../engine/types.js";
import { usageError } from "./errors.js";

export type { Limits };

/** Where a file is: an address, its bytes, or an address with the SHA-256 that the file must have. */
export type FileSource = string | URL | ArrayBuffer | Uint8Array | Blob | { url: string | URL; integrity: string };

/** A model of your own, or one that is kept elsewhere. */
export interface ModelSource {
  /** What `Page.model` says. */
  name?: string;
  recognizer: FileSource;
  /** Which characters follow which: a .ngram file. */
  ngram?: FileSource;
  /** Words that you expect: UTF-8, one a line. */
  words?: FileSource;
}

export type ModelName = "english" | "english-tiny" | "chinese";

export interface Progress {
  /** The file that is being fetched. */
  file: string;
  /** Bytes of all files together. `total` grows where a server does not tell sizes before. */
  loaded: number;
  total: number;
}

export interface ReaderOptions extends Limits {
  /** "english" by default. */
  model?: ModelName | ModelSource;
  /** The folder that the models' files are fetched from; by default they come with the package. */
  models?: string | URL;
  /** The network that finds lines on pages; null leaves it out, for readers of single lines. */
  detector?: FileSource | null;
  /** "auto" reads with the n-grams and words of the model's language; null without any: less to fetch. */
  languageModel?: "auto" | null;
  /** More words that you expect. */
  words?: readonly string[];
  /** The width of the search through texts, 16 by default; 0 takes the best character at each step. */
  beam?: number;
  /** Lines of less confidence are read again in other ways; 0.8 by default, 0 reads each once. */
  reread?: number;
  /** Lines of a page whose characters' scores have a smaller mean are left out; 0.6 by default, 0 leaves none out. */
  minScore?: number;
  /** Larger pictures are refused; 40 million by default. */
  maxPixels?: number;
  /** How many pictures are read at once, each in a thread of its own; 1 by default. 0 reads in the calling thread. */
  workers?: number;
  /** The engine's WebAssembly module, where it is kept elsewhere than beside the package. */
  wasm?: string | URL | ArrayBuffer | Uint8Array;
  /** The worker's script, where it is kept elsewhere. */
  worker?: string | URL;
  /** Keeps fetched files in the browser's Cache Storage; true by default. */
  cache?: boolean;
  /** Ends the loading. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** For one call; limits stand in the place of all three of the reader's own. */
export interface ReadOptions extends Limits {
  signal?: AbortSignal;
}

/** What a worker opens the engine with. */
export interface Settings {
  reader: EngineOptions;
  minScore?: number;
  maxPixels: number;
}

const MAX_PIXELS = 40_000_000;
const MAX_WORKERS = 64;

/** `name` is the model's. Raises BitocrError; what the engine takes it checks itself. */
export function settingsOf(options: ReaderOptions, name: string): Settings {
  const { words, beam, reread, minScore } = options;
  if (minScore !== undefined) checkNumber("minScore", minScore, 0, 1);
  return {
    reader: { name, words, beam, reread, ...limitsOf(options) },
    minScore,
    maxPixels: wholeNumber("maxPixels", options.maxPixels ?? MAX_PIXELS, 1, 2 ** 31),
  };
}

export function workersOf(options: ReaderOptions): number {
  return wholeNumber("workers", options.workers ?? 1, 0, MAX_WORKERS);
}

/** Of what a caller gave. Raises BitocrError. */
export function limitsOf({ allow, pattern, check }: Limits): Limits {
  for (const [name, value] of Object.entries({ allow, pattern, check })) {
    const isRight = value === undefined || value === null || typeof value === "string";
    if (!isRight) throw usageError(`${name} is a string, not ${describe(value)}`);
  }
  return { allow, pattern, check };
}

function wholeNumber(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value)) throw usageError(`${name} is a whole number, not ${describe(value)}`);
  return checkNumber(name, value, least, most);
}

function checkNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw usageError(`${name} is from ${least} to ${most}, not ${describe(value)}`);
}

export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "an object";
  return String(value);
}
