/** Readable reasons why files cannot be read. */

import { messageOf } from "../errors.js";

export function reasonOf(path: string | URL, error: unknown, ofFolder: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = { ENOENT: "no such file", EISDIR: ofFolder, EACCES: "may not be read" };
  return `${path}: ${reasons[code ?? ""] ?? messageOf(error)}`;
}
