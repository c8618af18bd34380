/** Checks of pictures on every platform. */

import type { Pixels } from "../engine/types.js";
import { type BitocrError, imageError, usageError } from "./errors.js";
import { describe } from "./options.js";

export function checkSize(width: number, height: number, maxPixels: number): void {
  if (width < 1 || height < 1) throw imageError(`no pixels in it (${width} x ${height})`);
  if (width * height <= maxPixels) return;
  const limit = maxPixels.toLocaleString("en");
  throw imageError(`too large: ${width} x ${height}, more than ${limit} pixels (maxPixels): crop or shrink it`);
}

export function isPixels(source: unknown): source is Pixels {
  if (typeof source !== "object" || source === null) return false;
  const { data, width, height } = source as Partial<Pixels>;
  return (
    (data instanceof Uint8Array || data instanceof Uint8ClampedArray) &&
    typeof width === "number" &&
    typeof height === "number"
  );
}

/** A copy that may be sent away. Raises BitocrError. */
export function copyPixels(source: Pixels, maxPixels: number): Pixels {
  const { width, height, channels = 4, stride = width * channels } = source;
  if (!Number.isInteger(width) || !Number.isInteger(height)) throw usageError("width and height are whole numbers");
  checkSize(width, height, maxPixels);
  if (![1, 3, 4].includes(channels)) throw usageError(`channels is 1, 3 or 4, not ${channels}`);
  const bytes = (height - 1) * stride + width * channels;
  if (stride < width * channels || source.data.length < bytes) {
    throw usageError(
      `the picture has ${source.data.length} bytes, and ${width} x ${height} x ${channels} takes ${bytes}`,
    );
  }
  return { data: new Uint8Array(source.data.subarray(0, bytes)), width, height, channels, stride };
}

/** The error for a value that is not a picture. */
export function notAPicture(source: unknown, kinds: string): BitocrError {
  if (typeof source === "string" && /^data:/.test(source))
    return imageError("a data URL: decode it, and give its bytes");
  if (typeof source === "string" || source instanceof URL) {
    return imageError(`${source}: an address, not a picture: fetch it, and give its blob`);
  }
  return usageError(`a picture is ${kinds}, not ${describe(source)}`);
}

export const UNKNOWN = "not a picture of a format that is read here, or a damaged one";
