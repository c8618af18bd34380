/** Decodes small PNGs of the common kinds. A browser takes longer to decode these than bitocr takes to read a line. */

import type { Pixels } from "../../engine/types.js";
import { crc32 } from "./crc32.js";
import { Damaged, inflate } from "./inflate.js";
import { unfilter } from "./unfilter.js";

/** Larger ones are faster by the browser's own decoder. */
const MOST_BYTES = 1 << 20;
const SIGNATURE = 0x89504e470d0a1a0an;
const IHDR = 0x49484452;
const GRAY = 0;
const RGB = 2;
const PALETTE = 3;
const RGBA = 6;
const SAMPLES: Record<number, 1 | 3 | 4> = { [GRAY]: 1, [RGB]: 3, [PALETTE]: 1, [RGBA]: 4 };

interface Header {
  width: number;
  height: number;
  depth: number;
  colour: number;
  channels: 1 | 3 | 4;
  /** Bytes of a row and of its filter's number. */
  stride: number;
}

interface Parts {
  header: Header;
  palette: Uint8Array | undefined;
  data: Uint8Array[];
}

/**
 * Undefined for rare kinds (16 bits, interlacing, transparent colours, animation), and for damaged or large files: the
 * browser decodes those, or reports the error. Returns the samples as stored, without colour profiles, and without
 * rounding transparent colours.
 */
export function decodeSmallPng(bytes: Uint8Array): Pixels | undefined {
  try {
    const parts = partsOf(bytes);
    return parts && pixelsOf(parts);
  } catch (error) {
    if (error instanceof Damaged || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Undefined without all that is needed, or with a chunk that is not understood. Raises RangeError where it is cut short. */
function partsOf(bytes: Uint8Array): Parts | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = headerOf(view);
  if (!header) return undefined;
  let palette: Uint8Array | undefined;
  const data: Uint8Array[] = [];
  for (let at = 8; ; ) {
    const end = at + 8 + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (view.getUint32(end) !== crc32(bytes, at + 4, end)) return undefined; // so that zlib's own sum says nothing new
    if (type === "IEND") return { header, palette, data };
    if (type === "PLTE") palette = bytes.subarray(at + 8, end);
    else if (type === "IDAT") data.push(bytes.subarray(at + 8, end));
    else if (at > 8 && (isCritical(type) || type === "tRNS" || type === "acTL")) return undefined;
    at = end + 4;
  }
}

function isCritical(type: string): boolean {
  return type < "a";
}

/** Of the first chunk; undefined for a picture that is not decoded here. */
function headerOf(view: DataView): Header | undefined {
  if (view.getBigUint64(0) !== SIGNATURE || view.getUint32(8) !== 13 || view.getUint32(12) !== IHDR) return undefined;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour] = [view.getUint8(24), view.getUint8(25)];
  const isPlain = view.getUint16(26) === 0 && view.getUint8(28) === 0; // compression, filters, interlacing
  const isKnown = depth === 8 || ((colour === GRAY || colour === PALETTE) && [1, 2, 4].includes(depth));
  const channels = SAMPLES[colour];
  if (!isPlain || !isKnown || !channels || !width || !height) return undefined;
  const stride = Math.ceil((width * channels * depth) / 8) + 1;
  if (stride * height > MOST_BYTES || width * height > MOST_BYTES) return undefined;
  return { width, height, depth, colour, channels, stride };
}

function pixelsOf({ header, palette, data }: Parts): Pixels | undefined {
  const { width, height, depth, colour, channels, stride } = header;
  const rows = new Uint8Array(stride * (height + 1)); // the first one for what is above the picture
  rows.set(inflate(data, stride * height), stride);
  unfilter(rows, stride, Math.max(1, (channels * depth) / 8));
  const samples = rows.subarray(stride + 1);
  if (depth === 8 && colour !== PALETTE) return { data: samples, width, height, channels, stride };
  const colours = colour === PALETTE ? palette : grays(depth);
  return colours && spread(samples, header, colours);
}

/** The grays of `depth` bits, as a palette. */
function grays(depth: number): Uint8Array {
  const last = (1 << depth) - 1;
  return Uint8Array.from({ length: 3 * (last + 1) }, (_, i) => (Math.floor(i / 3) * 255) / last);
}

/** A pixel for each index of a palette; undefined where one is beyond it. */
function spread(rows: Uint8Array, header: Header, palette: Uint8Array): Pixels | undefined {
  const { width, height, depth, stride } = header;
  const data = new Uint8Array(width * height * 3);
  const perByte = 8 / depth;
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const shift = 8 - depth * ((x % perByte) + 1);
      const from = 3 * ((rows[y * stride + Math.floor(x / perByte)]! >> shift) & ((1 << depth) - 1));
      if (from + 3 > palette.length) return undefined;
      for (let c = 0; c < 3; c++) data[to++] = palette[from + c]!;
    }
  }
  return { data, width, height, channels: 3 };
}
