/**
 * Runs in the browser: the package bitocr and tesseract.js, each in its own worker, and bitocr's engine in the page.
 * They read the same pictures, one after the other.
 */

import { createWorker, PSM, type Worker } from "tesseract.js";
import { Engine, moduleFile, type Files, type Reader as EngineReader, type ReaderOptions } from "../../web/engine/index.js";
import type * as bitocr from "../../web/src/index.js";

interface Picture {
  blob: Blob;
  pixels: ImageData;
}

const bytes = async (path: string): Promise<ArrayBuffer> => (await fetch(path)).arrayBuffer();
let pictures: Picture[] = [];
let engine: Engine;
let engineReader: EngineReader;
let reader: Awaited<ReturnType<typeof bitocr.createReader>>;
let worker: Worker;

async function decoded(blob: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true })!;
  canvas.drawImage(bitmap, 0, 0);
  return canvas.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** Opens the package as users do. By default it reads as Python does. */
async function openBitocr(model: "english"): Promise<void> {
  const place = "/bitocr/index.js"; // not bundled: it looks for its files beside itself
  const { createReader } = (await import(place)) as typeof bitocr;
  reader?.close();
  reader = await createReader({ model });
}

/** Opens the engine, with Python's defaults or other options. Returns the name of its module. */
async function openEngine(model: string, options: ReaderOptions): Promise<string> {
  engine ??= await Engine.create(await fetch(`/${moduleFile()}`));
  const files: Files = {
    model: await bytes(`/models/${model}.bit`),
    detector: await bytes("/models/page.bit"),
    ngram: await bytes("/models/english.ngram"),
    wordList: await bytes("/models/english.words"),
  };
  engineReader?.free();
  engineReader = engine.open(files, { name: model, ...options });
  return `${moduleFile()}, kernel ${engineReader.kernel}`;
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

/** The way in which each contender reads a picture. */
const READ: Record<string, (picture: Picture) => Promise<string>> = {
  "line from pixels": async ({ pixels }) => engineReader.readLine(pixels).text,
  "page from pixels": async ({ pixels }) => engineReader.readPage(pixels).text,
  line: async ({ blob }) => (await reader.readLine(blob)).text,
  page: async ({ blob }) => (await reader.read(blob)).text,
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

Object.assign(globalThis, { bench: { openBitocr, openEngine, openTesseract, load, pass } });
