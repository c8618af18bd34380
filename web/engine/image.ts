/** Passes pixels to the engine as a bitocr_image. */

import { BitocrError } from "./errors.js";
import type { Memory } from "./memory.js";
import { IMAGE } from "./structures.js";
import type { Pixels } from "./types.js";

/** Calls `use` with a copy of the image and frees the copy. Raises BitocrError if pixels are missing. */
export function withImage<T>(memory: Memory, image: Pixels, use: (pointer: number) => T): T {
  const { width, height, channels = 4 } = image;
  const stride = image.stride ?? width * channels;
  const data = pixelBytes(image, channels, stride);
  return memory.withCopy(data, "an image", (pixels) =>
    memory.withStructure(IMAGE.size, (pointer) => {
      const { view } = memory;
      view.setUint32(pointer + IMAGE.pixels, pixels, true);
      view.setInt32(pointer + IMAGE.width, width, true);
      view.setInt32(pointer + IMAGE.height, height, true);
      view.setInt32(pointer + IMAGE.stride, stride, true);
      view.setInt32(pointer + IMAGE.channels, channels, true);
      return use(pointer);
    }),
  );
}

/** The bytes that the engine reads. */
function pixelBytes({ data, width, height }: Pixels, channels: number, stride: number): Uint8Array {
  if (!ArrayBuffer.isView(data) || data.BYTES_PER_ELEMENT !== 1)
    throw new BitocrError("image", "pixels are a Uint8Array or a Uint8ClampedArray");
  if (![1, 3, 4].includes(channels)) throw new BitocrError("image", `an image has 1, 3 or 4 channels, not ${channels}`);
  if (!isSide(width) || !isSide(height))
    throw new BitocrError("image", `an image of ${width} x ${height} pixels: each is a whole number from 1 to 65535`);
  if (!Number.isInteger(stride) || stride < width * channels)
    throw new BitocrError("image", `a stride of ${stride} bytes: a row takes ${width * channels}`);
  const wanted = (height - 1) * stride + width * channels;
  if (data.length < wanted)
    throw new BitocrError(
      "image",
      `${data.length} bytes of pixels: ${width} x ${height} with ${channels} channels take ${wanted}`,
    );
  return new Uint8Array(data.buffer, data.byteOffset, wanted);
}

function isSide(pixels: number): boolean {
  return Number.isInteger(pixels) && pixels >= 1 && pixels <= 65535;
}
