/** The reader for the chosen language. */

import { createReader, type Progress, type Reader } from "../src/index.js";

/** The folder of the page's scripts, whose name changes with them; set when the page is built. */
declare const ASSETS: string;

const MAX_PIXELS = 60_000_000; // phones take pictures of 50 million

interface Opened {
  model: string;
  reader: Promise<Reader>;
  abort: AbortController;
}

let opened: Opened | undefined;

/** Loads the model unless it is loaded, and closes that of another language. */
export function readerFor(model: string, onProgress: (progress: Progress) => void): Promise<Reader> {
  if (opened?.model === model) return opened.reader;
  if (opened) forget(opened);
  const abort = new AbortController();
  const reader = open(model, onProgress, abort.signal);
  const own = { model, reader, abort };
  opened = own;
  reader.catch(() => {
    if (opened === own) opened = undefined; // the next time may go better
  });
  return reader;
}

function forget({ reader, abort }: Opened): void {
  abort.abort();
  reader.then((loaded) => loaded.close()).catch(() => undefined);
}

function open(model: string, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Reader> {
  const models = new URL("models/", document.baseURI);
  const worker = new URL(`${ASSETS}/worker.js`, document.baseURI);
  return createReader({ model: model as "english", models, worker, maxPixels: MAX_PIXELS, signal, onProgress });
}
