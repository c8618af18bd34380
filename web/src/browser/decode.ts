/** Pictures as pixels, by what browsers have. */

import type { Pixels } from "../../engine/types.js";
import { checkSize, UNKNOWN } from "../check.js";
import { imageError, messageOf } from "../errors.js";
import { type Head, headOf } from "../exif.js";
import { decodeSmallPng } from "../png/png.js";
import type { Picture } from "../protocol.js";

const HEAD_BYTES = 1 << 17; // EXIF stands in the first 64 KB, but for what cameras write before it
const STRIP_PIXELS = 1 << 20; // Safari's canvases hold 16 million pixels at most, and photos have more

/** Pixels of a picture, upright. Raises BitocrError. */
export async function decode(picture: Picture, maxPixels: number): Promise<Pixels> {
  if (picture instanceof Uint8Array || picture instanceof Blob) return decodeFile(picture, maxPixels);
  return isBitmap(picture) ? draw(picture, maxPixels) : picture;
}

export function canDecode(): boolean {
  return typeof OffscreenCanvas !== "undefined" && typeof createImageBitmap !== "undefined";
}

function isBitmap(picture: ImageBitmap | Pixels): picture is ImageBitmap {
  return typeof ImageBitmap !== "undefined" && picture instanceof ImageBitmap;
}

async function decodeFile(file: Blob | Uint8Array, maxPixels: number): Promise<Pixels> {
  const start = await startOf(file);
  if (start.length === 0) throw imageError("an empty file");
  const head = headOf(start);
  if (head.width && head.height) checkSize(head.width, head.height, maxPixels);
  return ownPixels(file, start, head) ?? (await decodePng(file, head)) ?? draw(await bitmapOf(file), maxPixels);
}

async function startOf(file: Blob | Uint8Array): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  try {
    return new Uint8Array(await bytesOf(file.size > HEAD_BYTES ? file.slice(0, HEAD_BYTES) : file));
  } catch (error) {
    throw imageError(`the file cannot be read (${messageOf(error)})`);
  }
}

/** Of workers alone. */
declare const FileReaderSync: (new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer }) | undefined;

/** Workers can wait for a file, which takes less time than being called back. */
function bytesOf(blob: Blob): ArrayBuffer | Promise<ArrayBuffer> {
  return typeof FileReaderSync === "undefined" ? blob.arrayBuffer() : new FileReaderSync().readAsArrayBuffer(blob);
}

/** Undefined for all but small PNGs that are upright. */
function ownPixels(file: Blob | Uint8Array, start: Uint8Array, { kind, orientation }: Head): Pixels | undefined {
  const isWhole = start.length === (file instanceof Blob ? file.size : file.length);
  return kind === "png" && orientation === 1 && isWhole ? decodeSmallPng(start) : undefined;
}

/**
 * Without a bitmap and a canvas, which take longer than a line's text. Undefined where the browser cannot, or the file is
 * no PNG: of JPEGs it gives what the camera stored, in the camera's colours.
 */
async function decodePng(file: Blob | Uint8Array, { kind, orientation }: Head): Promise<Pixels | undefined> {
  if (kind !== "png" || orientation !== 1 || typeof ImageDecoder === "undefined") return undefined;
  const data = (file instanceof Blob ? file.stream() : file) as ImageBufferSource;
  const decoder = new ImageDecoder({ data, type: "image/png", colorSpaceConversion: "none" });
  try {
    return await pixelsOf((await decoder.decode()).image);
  } catch {
    return undefined; // the next decoder reports why
  } finally {
    decoder.close();
  }
}

/** Of a frame, which is closed. */
async function pixelsOf(frame: VideoFrame): Promise<Pixels> {
  try {
    const { displayWidth: width, displayHeight: height } = frame;
    const data = new Uint8Array(width * height * 4);
    await frame.copyTo(data, { format: "RGBA" });
    return { data, width, height, channels: 4 };
  } finally {
    frame.close();
  }
}

function bitmapOf(file: Blob | Uint8Array): Promise<ImageBitmap> {
  const blob = file instanceof Blob ? file : new Blob([file as BlobPart]);
  return createImageBitmap(blob, { imageOrientation: "from-image", colorSpaceConversion: "none" }).catch(() => {
    throw imageError(UNKNOWN);
  });
}

/** The pixels of a bitmap, which is closed. */
function draw(bitmap: ImageBitmap, maxPixels: number): Pixels {
  const { width, height } = bitmap;
  try {
    checkSize(width, height, maxPixels);
    const data = new Uint8Array(width * height * 4);
    const rows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)));
    const context = contextOf(width, rows);
    for (let top = 0; top < height; top += rows) {
      context.clearRect(0, 0, width, rows);
      context.drawImage(bitmap, 0, -top);
      const strip = context.getImageData(0, 0, width, Math.min(rows, height - top));
      data.set(strip.data, top * width * 4);
    }
    return { data, width, height, channels: 4 };
  } finally {
    bitmap.close();
  }
}

type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** The last one: making one takes longer than drawing a small picture. */
let kept: Context | undefined;

/** Of a canvas that has so many pixels or more. */
function contextOf(width: number, height: number): Context {
  if (kept && kept.canvas.width >= width && kept.canvas.height >= height) return kept;
  const canvas = canDecode() ? new OffscreenCanvas(width, height) : document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true }) as Context | null;
  if (!context) throw imageError(`no canvas of ${width} x ${height} to decode the picture with`);
  kept = context;
  return context;
}
