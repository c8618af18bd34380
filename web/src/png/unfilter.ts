/** PNG's filters: a byte says how each row was predicted from the pixel on its left and the row above it. */

import { Damaged } from "./inflate.js";

/** Adds predictions to a row: `at` is its first byte, and `stride` bytes before that of the row above. */
type Filter = (rows: Uint8Array, at: number, stride: number, pixelBytes: number) => void;

const FILTERS: readonly Filter[] = [() => undefined, addLeft, addUpper, addMean, addPaeth];

/**
 * Reverses the filters in place. Each row has `stride` bytes: its filter's number, then its samples. The first row is all zeros.
 * `pixelBytes` is at least 1. Raises Damaged.
 */
export function unfilter(rows: Uint8Array, stride: number, pixelBytes: number): void {
  for (let at = stride; at < rows.length; at += stride) {
    const filter = FILTERS[rows[at]!];
    if (!filter) throw new Damaged("an unknown filter");
    filter(rows, at + 1, stride, pixelBytes);
  }
}

function addLeft(rows: Uint8Array, at: number, stride: number, pixelBytes: number): void {
  for (let i = at + pixelBytes; i < at + stride - 1; i++) rows[i]! += rows[i - pixelBytes]!;
}

function addUpper(rows: Uint8Array, at: number, stride: number): void {
  for (let i = at; i < at + stride - 1; i++) rows[i]! += rows[i - stride]!;
}

function addMean(rows: Uint8Array, at: number, stride: number, pixelBytes: number): void {
  for (let i = at; i < at + pixelBytes; i++) rows[i]! += rows[i - stride]! >> 1;
  for (let i = at + pixelBytes; i < at + stride - 1; i++) rows[i]! += (rows[i - pixelBytes]! + rows[i - stride]!) >> 1;
}

function addPaeth(rows: Uint8Array, at: number, stride: number, pixelBytes: number): void {
  for (let channel = 0; channel < pixelBytes; channel++) {
    let left = 0;
    let corner = 0;
    for (let i = at + channel; i < at + stride - 1; i += pixelBytes) {
      const upper = rows[i - stride]!;
      left = (rows[i]! + paeth(left, upper, corner)) & 255;
      rows[i] = left;
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
