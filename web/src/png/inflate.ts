/** Inflates zlib streams whose size is known, by fflate. For small pictures a browser's own streams take longer. */

import { unzlibSync } from "fflate";
import { joined } from "../bytes.js";

export class Damaged extends Error {}

/** What the stream in `parts` holds, which must be `size` bytes. Raises Damaged. */
export function inflate(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size + 1); // room to see that there are more
  const found = unzlib(joined(parts), out);
  if (found.length !== size) throw new Damaged("more bytes than pixels, or fewer");
  return found;
}

function unzlib(stream: Uint8Array, out: Uint8Array): Uint8Array {
  try {
    return unzlibSync(stream, { out });
  } catch (error) {
    throw new Damaged(String(error));
  }
}
