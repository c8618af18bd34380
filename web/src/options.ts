/** The options of `createReader` and of a reader's methods. */

import type { Limits, ReaderOptions as EngineOptions } from "../engine/types.js";
import { usageError } from "./errors.js";

export type { Limits };

/** A file: its address, its bytes, or its address with the SHA-256 that it must have. */
export type FileSource = string | URL | ArrayBuffer | Uint8Array | Blob | { url: string | URL; integrity: string };

/** Your own model, or one at another address. */
export interface ModelSource {
  /** The name for `Page.model`. */
  name?: string;
  recognizer: FileSource;
  /** An n-gram model: a .ngram file. */
  ngram?: FileSource;
  /** Words that you expect: UTF-8, one per line. */
  words?: FileSource;
}

export type ModelName = "english" | "english-tiny" | "chinese";

export interface Progress {
  /** The file that is being fetched. */
  file: string;
  /** The bytes of all files together. `total` grows if a server does not send sizes in advance. */
  loaded: number;
  total: number;
}

export interface ReaderOptions extends Limits {
  /** The model, "english" by default. */
  model?: ModelName | ModelSource;
  /** The folder that the models' files are fetched from; by default they come with the package. */
  models?: string | URL;
  /** The network that finds lines on pages; null leaves it out, for readers of single lines. */
  detector?: FileSource | null;
  /** "auto" uses the n-grams and words of the model's language; null uses none, so there is less to fetch. */
  languageModel?: "auto" | null;
  /** More words that you expect. */
  words?: readonly string[];
  /** The width of the beam search, 16 by default. 0 takes the best character at each step. */
  beam?: number;
  /** Reads lines with less confidence again in other views: 0.8 by default. 0 reads each line once. */
  reread?: number;
  /** Leaves out lines of a page whose characters have a lower mean score: 0.6 by default. 0 leaves none out. */
  minScore?: number;
  /** Refuses pictures with more pixels: 40 million by default. */
  maxPixels?: number;
  /** How many pictures are read at once, each in its own thread: 1 by default. 0 reads in the calling thread. */
  workers?: number;
  /** The engine's WebAssembly module, if it is not in the package's folder. */
  wasm?: string | URL | ArrayBuffer | Uint8Array;
  /** The worker's script, if it is not in the package's folder. */
  worker?: string | URL;
  /** Keeps fetched files in the browser's Cache Storage; true by default. */
  cache?: boolean;
  /** Aborts the loading. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** The options of a call. If it gives any constraint, this replaces all three of the reader's own. */
export interface ReadOptions extends Limits {
  signal?: AbortSignal;
}

/** The settings with which a worker opens the engine. */
export interface Settings {
  reader: EngineOptions;
  minScore?: number;
  maxPixels: number;
}

const MAX_PIXELS = 40_000_000;
const MAX_WORKERS = 64;

/** `name` is the model's name. Raises BitocrError. The engine checks its own arguments. */
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

/** Checks the constraint that a caller gave. Raises BitocrError. */
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
