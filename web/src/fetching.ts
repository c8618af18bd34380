/** Fetches the files of a model one by one, checks them, and keeps them in the browser's cache. */

import type { Files } from "../engine/types.js";
import { joined } from "./bytes.js";
import { messageOf, modelError, usageError } from "./errors.js";
import type { Progress, ReaderOptions } from "./options.js";
import type { Platform } from "./protocol.js";
import type { Part, Wanted } from "./sources.js";

const CACHE = "bitocr-models";

/** The bytes of each file. Raises BitocrError, and the signal's reason. */
export async function fetchAll(files: Wanted[], options: ReaderOptions, platform: Platform): Promise<Files> {
  const meter = new Meter(files, options.onProgress);
  const found: Partial<Record<Part, Uint8Array>> = {};
  for (const file of files) {
    options.signal?.throwIfAborted();
    found[file.part] = await fetchOne(file, options, platform, meter);
  }
  if (!found.model) throw usageError("no model");
  return { ...found, model: found.model };
}

async function fetchOne(file: Wanted, options: ReaderOptions, platform: Platform, meter: Meter): Promise<Uint8Array> {
  const { at } = file;
  if (at instanceof Uint8Array) return at;
  if (at instanceof Blob) return new Uint8Array(await at.arrayBuffer());
  const local = platform.openFile(at);
  const bytes = local ? await local : await fetchUrl(file, at, options, platform, meter);
  if (local) await check(file, bytes, platform);
  meter.finish(file, bytes.length);
  return bytes;
}

async function fetchUrl(
  file: Wanted,
  at: URL | string,
  options: ReaderOptions,
  platform: Platform,
  meter: Meter,
): Promise<Uint8Array> {
  const cache = options.cache === false ? undefined : await openCache();
  const kept = await fromCache(cache, file, at, platform);
  if (kept) return kept;
  // Pages that are not served safely cannot compute hashes, but fetch can.
  const integrity = platform.sha256 ? undefined : file.integrity;
  const response = await request(at, options.signal, integrity);
  const bytes = await receive(response, at, options.signal, (count) => meter.add(file, count));
  await check(file, bytes, platform);
  // A full or forbidden cache costs a fetch the next time, and nothing else.
  await cache?.put(at, new Response(bytes as BlobPart)).catch(() => undefined);
  return bytes;
}

async function openCache(): Promise<Cache | undefined> {
  return typeof caches === "undefined" ? undefined : caches.open(CACHE).catch(() => undefined);
}

async function fromCache(
  cache: Cache | undefined,
  file: Wanted,
  at: URL | string,
  platform: Platform,
): Promise<Uint8Array | undefined> {
  const response = await cache?.match(at).catch(() => undefined);
  if (!response) return undefined;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return (await isRight(file, bytes, platform)) ? bytes : undefined;
}

/** Raises BitocrError. */
export async function request(at: URL | string, signal?: AbortSignal, integrity?: string): Promise<Response> {
  const response = await fetch(at, { signal, integrity }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw modelError(`${at}: cannot be fetched (${messageOf(error)})`);
  });
  if (response.ok) return response;
  throw modelError(`${at}: HTTP ${[response.status, response.statusText].join(" ").trim()}`);
}

async function receive(
  response: Response,
  at: URL | string,
  signal: AbortSignal | undefined,
  onBytes: (count: number) => void,
): Promise<Uint8Array> {
  try {
    const reader = response.body?.getReader();
    if (!reader) return new Uint8Array(await response.arrayBuffer());
    const parts: Uint8Array[] = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      onBytes(part.value.length);
    }
    return joined(parts);
  } catch (error) {
    signal?.throwIfAborted();
    throw modelError(`${at}: was cut short (${messageOf(error)})`);
  }
}

/** Raises BitocrError if the bytes are not the expected ones. */
async function check(file: Wanted, bytes: Uint8Array, platform: Platform): Promise<void> {
  if (await isRight(file, bytes, platform)) return;
  const what = isHtml(bytes) ? "is not a bitocr model but an HTML page: the server has no such file" : differs(bytes);
  throw modelError(`${file.at}: ${what}`);
}

function differs(bytes: Uint8Array): string {
  return isModel(bytes)
    ? "is a bitocr model of another version: its SHA-256 is not the one that is expected"
    : "is not a bitocr model, or it was damaged: its SHA-256 is not the one that is expected";
}

function isModel(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x42 && bytes[2] === 0x49;
}

function isHtml(bytes: Uint8Array): boolean {
  return /^\s*<(!doctype|html|head)/i.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}

async function isRight({ integrity, bytes }: Wanted, found: Uint8Array, { sha256 }: Platform): Promise<boolean> {
  if (integrity === undefined) return !isHtml(found);
  if (!integrity.startsWith("sha256-")) throw usageError(`integrity is "sha256-" and base64, not "${integrity}"`);
  if (bytes !== undefined && bytes !== found.length) return false;
  if (!sha256) return true;
  return `sha256-${btoa(String.fromCharCode(...(await sha256(found))))}` === integrity.trim();
}

/** Adds up the loaded bytes of all files. */
class Meter {
  private readonly counts = new Map<Wanted, number>();

  constructor(
    private readonly files: Wanted[],
    private readonly onProgress: ((progress: Progress) => void) | undefined,
  ) {}

  add(file: Wanted, bytes: number): void {
    this.finish(file, (this.counts.get(file) ?? 0) + bytes);
  }

  finish(file: Wanted, bytes: number): void {
    this.counts.set(file, bytes);
    const loaded = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const expected = this.files.reduce((sum, one) => sum + (one.bytes ?? this.counts.get(one) ?? 0), 0);
    this.onProgress?.({ file: file.name, loaded, total: Math.max(loaded, expected) });
  }
}
