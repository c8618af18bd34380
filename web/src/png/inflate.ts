/** Inflates zlib streams whose size is known, by fflate. Small pictures wait longer for a browser's own streams. */

import { unzlibSync } from "fflate";

export class Damaged extends Error {}

/** What the stream in `parts` holds, which must be `size` bytes. Raises Damaged. */
export function inflate(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size + 1); // room to see that there are more
  const found = unzlib(joined(parts), out);
  if (found.length !== size) throw new Damaged("more bytes than pixels, or fewer");
  return found;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function unzlib(stream: Uint8Array, out: Uint8Array): Uint8Array {
  try {
    return unzlibSync(stream, { out });
  } catch (error) {
    throw new Damaged(String(error));
  }
}
