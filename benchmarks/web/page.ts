/** What runs in the browser: bitocr's engine and tesseract.js read the same pictures, one after the other. */

import { createWorker, PSM, type Worker } from "tesseract.js";
import { Engine, moduleFile, type Files, type Reader, type ReaderOptions } from "../../web/engine/index.js";

interface Picture {
  blob: Blob;
  pixels: ImageData;
}

const bytes = async (path: string): Promise<ArrayBuffer> => (await fetch(path)).arrayBuffer();
let pictures: Picture[] = [];
let engine: Engine;
let reader: Reader;
let worker: Worker;

async function decoded(blob: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true })!;
  canvas.drawImage(bitmap, 0, 0);
  return canvas.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** Opens bitocr, reading as Python does by default or with other options; returns what its module is. */
async function openBitocr(model: string, options: ReaderOptions): Promise<string> {
  engine ??= await Engine.create(await fetch(`/${moduleFile()}`));
  const files: Files = {
    model: await bytes(`/models/${model}.bit`),
    detector: await bytes("/models/page.bit"),
    ngram: await bytes("/models/english.ngram"),
    wordList: await bytes("/models/english.words"),
  };
  reader?.free();
  reader = engine.open(files, { name: model, ...options });
  reader.warmUp();
  return `${moduleFile()}, kernel ${reader.kernel}`;
}

async function openTesseract(isPage: boolean): Promise<void> {
  await worker?.terminate();
  const places = { workerPath: "/tesseract/worker.min.js", corePath: "/tesseract-core", langPath: "/tessdata" };
  worker = await createWorker("eng", 1, { ...places, cacheMethod: "none" });
  await worker.setParameters({ tessedit_pageseg_mode: isPage ? PSM.AUTO : PSM.SINGLE_LINE });
}

async function load(paths: string[]): Promise<void> {
  const blobs = await Promise.all(paths.map(async (path) => (await fetch(path)).blob()));
  pictures = await Promise.all(blobs.map(async (blob) => ({ blob, pixels: await decoded(blob) })));
}

/** How each contender reads a picture. */
const READ: Record<string, (picture: Picture) => Promise<string>> = {
  "line from pixels": async ({ pixels }) => reader.readLine(pixels).text,
  line: async ({ blob }) => reader.readLine(await decoded(blob)).text,
  page: async ({ blob }) => reader.readPage(await decoded(blob)).text,
  tesseract: async ({ blob }) => (await worker.recognize(blob)).data.text,
};

interface Pass {
  texts: string[];
  milliseconds: number[];
}

/** Reads all pictures once. */
async function pass(how: string): Promise<Pass> {
  const texts: string[] = [];
  const milliseconds: number[] = [];
  for (const picture of pictures) {
    const start = performance.now();
    texts.push(await READ[how]!(picture));
    milliseconds.push(performance.now() - start);
  }
  return { texts, milliseconds };
}

Object.assign(globalThis, { bench: { openBitocr, openTesseract, load, pass } });
