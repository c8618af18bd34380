/** Turns pictures as their EXIF orientation says. */

import type { Pixels } from "../../engine/types.js";

/** For each orientation, which corner the first pixel comes from, and whether rows become columns. */
const TURNS: Record<number, { flipX: boolean; flipY: boolean; isTransposed: boolean }> = {
  2: { flipX: true, flipY: false, isTransposed: false },
  3: { flipX: true, flipY: true, isTransposed: false },
  4: { flipX: false, flipY: true, isTransposed: false },
  5: { flipX: false, flipY: false, isTransposed: true },
  6: { flipX: false, flipY: true, isTransposed: true },
  7: { flipX: true, flipY: true, isTransposed: true },
  8: { flipX: true, flipY: false, isTransposed: true },
};

/** RGBA pixels of an upright picture. */
export function upright(picture: Pixels, orientation: number): Pixels {
  const turn = TURNS[orientation];
  if (!turn) return picture;
  const from = new Uint32Array(new Uint8Array(picture.data).buffer);
  const to = new Uint32Array(from.length);
  const { width: fromWidth, height: fromHeight } = picture;
  const [width, height] = turn.isTransposed ? [fromHeight, fromWidth] : [fromWidth, fromHeight];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const [column, row] = turn.isTransposed ? [y, x] : [x, y];
      const fromX = turn.flipX ? fromWidth - 1 - column : column;
      const fromY = turn.flipY ? fromHeight - 1 - row : row;
      to[at] = from[fromY * fromWidth + fromX] as number;
    }
  }
  return { data: new Uint8Array(to.buffer), width, height, channels: 4 };
}
