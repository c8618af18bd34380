/** Packs pictures for a worker. */

import type { Pixels } from "../../engine/types.js";
import { copyPixels, isPixels, notAPicture } from "../check.js";
import { imageError, messageOf } from "../errors.js";
import type { Packed, Picture } from "../protocol.js";
import { canDecode, decode } from "./decode.js";

/** The pictures that a reader takes in browsers. An encoded picture may have any format that the browser shows. */
export type Source = Blob | ArrayBuffer | Uint8Array | CanvasImageSource | Pixels;

const KINDS = "a File, Blob, ImageBitmap, ImageData, canvas, image, ArrayBuffer or { data, width, height }";

/** Raises BitocrError. */
export async function pack(source: unknown, maxPixels: number): Promise<Packed> {
  const path = typeof File !== "undefined" && source instanceof File && source.name ? source.name : "-";
  const picture = await toPicture(source, maxPixels);
  if (canDecode() || isPixels(picture)) return { picture, path, transfer: transferOf(picture) };
  const pixels = await decode(picture, maxPixels);
  return { picture: pixels, path, transfer: [pixels.data.buffer as ArrayBuffer] };
}

async function toPicture(source: unknown, maxPixels: number): Promise<Picture> {
  if (source instanceof Blob) return source;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return new Uint8Array(source).slice();
  if (isPixels(source)) return copyPixels(source, maxPixels);
  if (!isDrawable(source)) throw notAPicture(source, KINDS);
  try {
    return await createImageBitmap(source, { colorSpaceConversion: "none" });
  } catch (error) {
    throw imageError(`the ${source.constructor.name} cannot be read (${messageOf(error)})`);
  }
}

function isDrawable(source: unknown): source is ImageBitmapSource {
  const kinds = ["ImageBitmap", "HTMLCanvasElement", "OffscreenCanvas", "HTMLImageElement", "SVGImageElement"];
  kinds.push("HTMLVideoElement", "VideoFrame");
  const kindsHere = globalThis as unknown as Record<string, new () => object>;
  return kinds.some((name) => name in globalThis && source instanceof (kindsHere[name] as new () => object));
}

function transferOf(picture: Picture): Transferable[] {
  if (isPixels(picture)) return [picture.data.buffer as ArrayBuffer];
  if (picture instanceof Uint8Array) return [picture.buffer as ArrayBuffer];
  return picture instanceof Blob ? [] : [picture];
}
