/** Writes PNGs of every kind. */

import { deflateSync } from "node:zlib";
import { crc32 } from "./crc32.mjs";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
/** Samples of a pixel, by colour type. */
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Numbers that are always the same. */
export function dice(seed) {
  return (sides) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * sides);
  };
}

export function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(content.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/**
 * A picture with `samples`, rows of bytes as PNG packs them, filtered by turns with `filters`. `extra` chunks stand before
 * the pixels, which are spread over `parts` chunks.
 */
export function pngOf(kind, { filters = [0, 1, 2, 3, 4], extra = [], parts = 1, zlib = {}, stream } = {}) {
  const data = stream ?? deflateSync(filtered(kind, filters), zlib);
  const size = Math.ceil(data.length / parts);
  const pieces = Array.from({ length: parts }, (_, i) => chunk("IDAT", data.subarray(i * size, (i + 1) * size)));
  return Buffer.concat([SIGNATURE, chunk("IHDR", headerOf(kind)), ...extra, ...pieces, chunk("IEND", Buffer.alloc(0))]);
}

function headerOf({ width, height, depth, colour, interlace = 0 }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlace], 8);
  return header;
}

export function rowBytesOf({ width, depth, colour }) {
  return Math.ceil((width * depth * SAMPLES[colour]) / 8);
}

/** Samples with even places, edges and noise. */
export function randomSamples(kind, seed = 1) {
  const roll = dice(seed);
  const bytes = Buffer.alloc(rowBytesOf(kind) * kind.height);
  for (let i = 0; i < bytes.length; i++) bytes[i] = roll(4) && i > 9 ? bytes[i - 1 - roll(2) * roll(9)] : roll(256);
  return bytes;
}

function filtered(kind, filters) {
  const rowBytes = rowBytesOf(kind);
  const step = Math.max(1, (SAMPLES[kind.colour] * kind.depth) / 8);
  const out = Buffer.alloc((rowBytes + 1) * kind.height);
  const at = (x, y) => (x < 0 || y < 0 ? 0 : kind.samples[y * rowBytes + x]);
  for (let y = 0; y < kind.height; y++) {
    const filter = filters[y % filters.length];
    out[y * (rowBytes + 1)] = filter;
    for (let x = 0; x < rowBytes; x++) {
      const [left, upper, corner] = [at(x - step, y), at(x, y - 1), x < step ? 0 : at(x - step, y - 1)];
      const guess = [0, left, upper, (left + upper) >> 1, paeth(left, upper, corner)][filter] ?? 0;
      out[y * (rowBytes + 1) + 1 + x] = at(x, y) - guess;
    }
  }
  return out;
}

function paeth(left, upper, corner) {
  const guess = left + upper - corner;
  const [a, b, c] = [left, upper, corner].map((value) => Math.abs(guess - value));
  return a <= b && a <= c ? left : b <= c ? upper : corner;
}
