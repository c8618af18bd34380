/** Packs pictures of Node programs for a worker. */

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Pixels } from "../../engine/types.js";
import { copyPixels, isPixels, notAPicture } from "../check.js";
import { imageError } from "../errors.js";
import type { Packed } from "../protocol.js";
import { reasonOf } from "./files.js";

/** The pictures that a reader takes in Node: a path or file: URL, encoded bytes (PNG or JPEG), or pixels. */
export type Source = string | URL | ArrayBuffer | Uint8Array | Blob | Pixels;

const KINDS = "a path, Buffer, ArrayBuffer, Blob or { data, width, height }";

/** Raises BitocrError. */
export async function pack(source: unknown, maxPixels: number): Promise<Packed> {
  if (isPixels(source)) return packed(copyPixels(source, maxPixels), "-");
  if (isPath(source)) return packed(await bytesOfFile(source), nameOf(source));
  if (source instanceof Blob) {
    return packed(new Uint8Array(await source.arrayBuffer()), (source as Partial<File>).name || "-");
  }
  if (source instanceof Uint8Array) return packed(new Uint8Array(source), "-");
  if (source instanceof ArrayBuffer) return packed(new Uint8Array(source.slice(0)), "-");
  throw notAPicture(source, KINDS);
}

function packed(picture: Uint8Array | Pixels, path: string): Packed {
  const { buffer } = picture instanceof Uint8Array ? picture : picture.data;
  return { picture, path, transfer: [buffer as ArrayBuffer] };
}

function isPath(source: unknown): source is string | URL {
  if (source instanceof URL) return source.protocol === "file:";
  return typeof source === "string" && !/^(data:|[a-z][a-z0-9+.-]+:\/\/)/i.test(source);
}

function nameOf(path: string | URL): string {
  return path instanceof URL ? basename(fileURLToPath(path)) : path;
}

/** A copy in its own memory, which can be transferred. */
async function bytesOfFile(path: string | URL): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw imageError(reasonOf(path, error, "a folder, not a picture"));
  });
  return new Uint8Array(bytes);
}
