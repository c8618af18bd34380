/** PNG's filters: a byte says how each row was predicted from the pixel on its left and the row above it. */

import { Damaged } from "./inflate.js";

/** Adds predictions to a row: `at` is its first byte in `out`, behind as many bytes of the row above. */
type Filter = (out: Uint8Array, at: number, rowBytes: number, pixelBytes: number) => void;

const FILTERS: readonly Filter[] = [() => undefined, addLeft, addUpper, addMean, addPaeth];

/** Rows, each behind its filter's number, as samples without it. `pixelBytes` is at least 1. Raises Damaged. */
export function unfilter(rows: Uint8Array, rowBytes: number, height: number, pixelBytes: number): Uint8Array {
  const out = new Uint8Array(rowBytes * (height + 1)); // zeros are above the first row
  for (let y = 0, from = 0, at = rowBytes; y < height; y++, at += rowBytes) {
    const filter = FILTERS[rows[from++]!];
    if (!filter) throw new Damaged("an unknown filter");
    out.set(rows.subarray(from, (from += rowBytes)), at);
    filter(out, at, rowBytes, pixelBytes);
  }
  return out.subarray(rowBytes);
}

function addLeft(out: Uint8Array, at: number, rowBytes: number, pixelBytes: number): void {
  for (let i = at + pixelBytes; i < at + rowBytes; i++) out[i]! += out[i - pixelBytes]!;
}

function addUpper(out: Uint8Array, at: number, rowBytes: number): void {
  for (let i = at; i < at + rowBytes; i++) out[i]! += out[i - rowBytes]!;
}

function addMean(out: Uint8Array, at: number, rowBytes: number, pixelBytes: number): void {
  for (let i = at; i < at + pixelBytes; i++) out[i]! += out[i - rowBytes]! >> 1;
  for (let i = at + pixelBytes; i < at + rowBytes; i++) out[i]! += (out[i - pixelBytes]! + out[i - rowBytes]!) >> 1;
}

function addPaeth(out: Uint8Array, at: number, rowBytes: number, pixelBytes: number): void {
  for (let channel = 0; channel < pixelBytes; channel++) {
    let left = 0;
    let corner = 0;
    for (let i = at + channel; i < at + rowBytes; i += pixelBytes) {
      const upper = out[i - rowBytes]!;
      left = (out[i]! + paeth(left, upper, corner)) & 255;
      out[i] = left;
      corner = upper;
    }
  }
}

/** Of the three, the one nearest to left + upper - corner. */
function paeth(left: number, upper: number, corner: number): number {
  const toLeft = Math.abs(upper - corner);
  const toUpper = Math.abs(left - corner);
  const toCorner = Math.abs(left + upper - 2 * corner);
  if (toLeft <= toUpper && toLeft <= toCorner) return left;
  return toUpper <= toCorner ? upper : corner;
}
