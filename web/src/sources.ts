/** The files that a reader needs, and their addresses. */

import { usageError } from "./errors.js";
import { describe, type FileSource, type ModelSource, type ReaderOptions } from "./options.js";
import { DETECTOR, FILES, MODELS, shippedUrl } from "./shipped.js";

/** A file to fetch: its name for messages, and its expected size and hash, if known. */
export interface Wanted {
  part: Part;
  name: string;
  at: URL | string | Uint8Array | Blob;
  bytes?: number;
  integrity?: string;
}

/** A key of the engine's `Files`. */
export type Part = "model" | "detector" | "ngram" | "wordList";

export interface Sources {
  /** The name of the model, for `Page.model`. */
  name: string;
  files: Wanted[];
}

/** Raises BitocrError. */
export function sourcesOf(options: ReaderOptions): Sources {
  const model = options.model ?? "english";
  const own = typeof model === "string" ? named(model, options.models) : given(model);
  const hasLanguage = options.languageModel !== null;
  const files = own.files.filter(({ part }) => hasLanguage || part === "model");
  const detector = detectorOf(options);
  return { name: own.name, files: detector ? [detector, ...files] : files };
}

function detectorOf({ detector, models }: ReaderOptions): Wanted | undefined {
  if (detector === null) return undefined;
  return detector === undefined ? shipped("detector", DETECTOR, models) : wanted("detector", detector);
}

function named(model: string, folder: string | URL | undefined): Sources {
  const entry = MODELS[model as keyof typeof MODELS];
  if (!entry) {
    const names = Object.keys(MODELS).map((name) => `"${name}"`);
    throw usageError(`there is no model ${describe(model)}: take one of ${names.join(", ")}, or { recognizer: URL }`);
  }
  const files = [shipped("model", entry.recognizer, folder), shipped("ngram", entry.ngram, folder)];
  if (entry.words) files.push(shipped("wordList", entry.words, folder));
  return { name: model, files };
}

function shipped(part: Part, file: string, folder: string | URL | undefined): Wanted {
  const at = folder === undefined ? shippedUrl(file) : inFolder(folder, file);
  if (at) return { part, name: file, at, ...FILES[file] };
  throw usageError(`${file} is not in this package: say with { models: URL } in which folder it is`);
}

function inFolder(folder: string | URL, file: string): URL | string {
  const base = String(folder).replace(/\/*$/, "/");
  return folder instanceof URL ? new URL(base + file) : base + file;
}

function given(model: ModelSource): Sources {
  if (typeof model !== "object" || model === null || !model.recognizer) {
    throw usageError(`a model is a name or { recognizer, ngram, words }, not ${describe(model)}`);
  }
  const files = [wanted("model", model.recognizer)];
  if (model.ngram) files.push(wanted("ngram", model.ngram));
  if (model.words) files.push(wanted("wordList", model.words));
  return { name: model.name ?? files[0]?.name ?? "", files };
}

function wanted(part: Part, source: FileSource): Wanted {
  if (source instanceof ArrayBuffer) return { part, name: part, at: new Uint8Array(source) };
  if (source instanceof Uint8Array || source instanceof Blob) return { part, name: part, at: source };
  if (typeof source === "string" || source instanceof URL) return { part, name: fileName(source), at: source };
  if (typeof source === "object" && source !== null && "url" in source) {
    return { part, name: fileName(source.url), at: source.url, integrity: source.integrity };
  }
  throw usageError(`${part} is an address, bytes or { url, integrity }, not ${describe(source)}`);
}

function fileName(address: string | URL): string {
  return String(address).split(/[?#]/)[0]?.split(/[\\/]/).pop() || String(address);
}
