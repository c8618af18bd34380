/** The reader for the chosen language. */

import { createReader, type Progress, type Reader } from "../src/index.js";

/** Set when the page is built: the folder of its scripts, which changes with them. */
declare const ASSETS: string;

const base = document.baseURI;
let opened: { model: string; reader: Promise<Reader> } | undefined;

/** Loads the model, unless it is loaded already; that of another language goes. */
export function readerFor(model: string, onProgress: (progress: Progress) => void): Promise<Reader> {
  if (opened?.model === model) return opened.reader;
  const before = opened?.reader;
  void before?.then((reader) => reader.close()).catch(() => undefined);
  const reader = open(model, onProgress);
  opened = { model, reader };
  reader.catch(() => {
    if (opened?.reader === reader) opened = undefined; // the next time may go better
  });
  return reader;
}

async function open(model: string, onProgress: (progress: Progress) => void): Promise<Reader> {
  const models = new URL("models/", base);
  const worker = new URL(`${ASSETS}/worker.js`, base);
  return createReader({ model: model as "english", models, worker, onProgress });
}
