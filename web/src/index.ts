/** bitocr in browsers, their workers and extensions. */

import { decode } from "./browser/decode.js";
import { pack, type Source } from "./browser/pack.js";
import { startWorker } from "./browser/workers.js";
import { hereChannel, Host } from "./host.js";
import type { ReaderOptions } from "./options.js";
import type { Platform } from "./protocol.js";
import { createReaderOn, type Reader as AnyReader } from "./reader.js";

export * from "./api.js";
export type { Source };
export type Reader = AnyReader<Source>;

const browser: Platform = {
  startWorker,
  startHere: () => hereChannel(new Host(decode)),
  pack,
  openFile: () => undefined,
  sha256:
    globalThis.crypto?.subtle &&
    (async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource))),
};

/** Fetches a model and starts the workers. Raises BitocrError, and the signal's reason. */
export function createReader(options: ReaderOptions = {}): Promise<Reader> {
  return createReaderOn(browser, options);
}
