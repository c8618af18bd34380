/** Pictures that tests make. */

import { readFile } from "node:fs/promises";
import { crc32 } from "./crc32.mjs";
import { PNG } from "pngjs";

export async function pixelsOf(path) {
  const { data, width, height } = PNG.sync.read(await readFile(path));
  return { data: new Uint8Array(data), width, height };
}

/** A PNG whose pixels are turned so that a viewer that obeys its EXIF orientation shows `pixels`. */
export function turnedPng(pixels, orientation) {
  const isTransposed = orientation > 4;
  const [width, height] = isTransposed ? [pixels.height, pixels.width] : [pixels.width, pixels.height];
  const png = new PNG({ width, height });
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++) {
      const [column, row] = stored(x, y, pixels, orientation);
      const from = 4 * (y * pixels.width + x);
      png.data.set(pixels.data.subarray(from, from + 4), 4 * (row * width + column));
    }
  }
  return withChunk(PNG.sync.write(png), "eXIf", exif(orientation));
}

/** Where the pixel that is seen at x, y is stored: the table of the EXIF standard. */
function stored(x, y, { width, height }, orientation) {
  const [right, bottom] = [width - 1 - x, height - 1 - y];
  return [
    [x, y],
    [right, y],
    [right, bottom],
    [x, bottom],
    [y, x],
    [y, right],
    [bottom, right],
    [bottom, x],
  ][orientation - 1];
}

/** A TIFF header with the tag alone. */
export function exif(orientation, isLittle = false) {
  const bytes = new Uint8Array(26);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, 1, isLittle);
  view.setUint16(10, 0x0112, isLittle);
  view.setUint16(12, 3, isLittle);
  view.setUint32(14, 1, isLittle);
  view.setUint16(18, orientation, isLittle);
  return bytes;
}

/** Behind the header chunk of a PNG. */
function withChunk(png, type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 8 + data.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** A JPEG with this EXIF orientation. */
export function turnedJpeg(jpeg, orientation) {
  const block = Buffer.concat([Buffer.from("Exif\0\0"), exif(orientation, true)]);
  const head = Buffer.from([0xff, 0xe1, 0, block.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, block, jpeg.subarray(2)]);
}

/** The ink of a picture in black or white (0 or 255), on nothing. */
export function transparentPng({ data, width, height }, ink) {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) png.data.set([ink, ink, ink, 255 - data[4 * i]], 4 * i);
  return PNG.sync.write(png);
}
