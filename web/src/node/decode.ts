/** Pictures as pixels in Node: PNG and JPEG, by packages of npm. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Pixels } from "../../engine/types.js";
import { checkSize, UNKNOWN } from "../check.js";
import { imageError, messageOf } from "../errors.js";
import { headOf } from "../exif.js";
import type { Picture } from "../protocol.js";
import { upright } from "./upright.js";

/** Pixels of a picture, upright. Raises BitocrError. */
export async function decode(picture: Picture, maxPixels: number): Promise<Pixels> {
  if (picture instanceof Uint8Array) return decodeBytes(picture, maxPixels);
  return picture as Pixels;
}

async function decodeBytes(bytes: Uint8Array, maxPixels: number): Promise<Pixels> {
  if (bytes.length === 0) throw imageError("an empty file");
  const head = headOf(bytes);
  if (head.kind === "other") throw imageError("not a PNG or JPEG picture: decode it, and give { data, width, height }");
  checkSize(head.width, head.height, maxPixels);
  const decoded = await (head.kind === "png" ? decodePng : decodeJpeg)(bytes);
  return upright(decoded, head.orientation);
}

async function decodePng(bytes: Uint8Array): Promise<Pixels> {
  const { PNG } = (await load("pngjs", () => import("pngjs"))).default;
  try {
    const { data, width, height } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return { data, width, height, channels: 4 };
  } catch (error) {
    throw imageError(`${UNKNOWN} (${messageOf(error)})`);
  }
}

type JpegDecoder = (bytes: ArrayBuffer) => Promise<ImageData>;
let jpegDecoder: Promise<JpegDecoder> | undefined;
const jpegWarnings: string[] = [];
const END_OF_IMAGE = [0xff, 0xd9];

/** A file that lacks nothing but its end marker is read; with a second one, all that libjpeg misses is pixels. */
async function decodeJpeg(bytes: Uint8Array): Promise<Pixels> {
  const decodeBuffer = await (jpegDecoder ??= openJpegDecoder());
  const whole = new Uint8Array(bytes.length + END_OF_IMAGE.length);
  whole.set(bytes);
  whole.set(END_OF_IMAGE, bytes.length);
  try {
    jpegWarnings.length = 0;
    const { data, width, height } = await decodeBuffer(whole.buffer);
    const missing = jpegWarnings.find((warning) => /premature end/i.test(warning));
    if (missing) throw new Error(missing);
    return { data, width, height, channels: 4 };
  } catch (error) {
    throw imageError(`${UNKNOWN} (${messageOf(error)})`);
  }
}

/** libjpeg in WebAssembly: the same pixels as Python's. It was made for browsers, and takes some help in Node. */
async function openJpegDecoder(): Promise<JpegDecoder> {
  const { default: decodeBuffer, init } = await load("@jsquash/jpeg", () => import("@jsquash/jpeg/decode.js"));
  const path = createRequire(import.meta.url).resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  const module = await WebAssembly.compile(await readFile(path));
  await init({
    instantiateWasm(imports: WebAssembly.Imports, onReady: (instance: WebAssembly.Instance) => void) {
      void WebAssembly.instantiate(module, imports).then(onReady);
      return {};
    },
    printErr: (line: string) => void jpegWarnings.push(line),
  });
  (globalThis as { ImageData?: unknown }).ImageData ??= class {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  };
  return decodeBuffer;
}

async function load<T>(name: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw imageError(`decoding this picture takes the package ${name}: npm install ${name} (${messageOf(error)})`);
  }
}
