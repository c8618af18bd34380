/** bitocr in Node. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { modelError } from "./errors.js";
import { hereChannel, Host } from "./host.js";
import { decode } from "./node/decode.js";
import { reasonOf } from "./node/files.js";
import { pack, type Source } from "./node/pack.js";
import { startWorker } from "./node/workers.js";
import type { ReaderOptions } from "./options.js";
import type { Platform } from "./protocol.js";
import { createReaderOn, type Reader as AnyReader } from "./reader.js";

export * from "./api.js";
export type { Source };
export type Reader = AnyReader<Source>;

const node: Platform = {
  startWorker,
  startHere: () => hereChannel(new Host(decode)),
  pack,
  openFile: (at) => (/^(https?|data):/i.test(String(at)) ? undefined : open(at)),
  sha256: async (bytes) => createHash("sha256").update(bytes).digest(),
};

async function open(at: URL | string): Promise<Uint8Array> {
  const path = String(at).startsWith("file:") ? fileURLToPath(at) : at;
  return readFile(path).catch((error: unknown) => {
    throw modelError(reasonOf(at, error, "a folder, not a file"));
  });
}

/** Reads a model's files and starts the workers. Raises BitocrError, and the signal's reason. */
export function createReader(options: ReaderOptions = {}): Promise<Reader> {
  return createReaderOn(node, options);
}
