/** Prepares texts for the engine. */

import { BitocrError } from "./errors.js";

const MACRON = "\uffe3"; // NFKC would decompose its usual form

/** Converts to the form of charsets and word lists: NFC, with usual forms instead of wide and narrow ones. */
export function normalise(text: string): string {
  return text
    .replaceAll(MACRON, "\u00af")
    .replace(/[\u3000\uff01-\uff9f\uffe0-\uffee]/g, (wide) => wide.normalize("NFKC"))
    .normalize("NFC");
}

/** A word list with more words added, separated by white space. */
export function wordBytes(list: Uint8Array | undefined, words: readonly string[] | undefined): Uint8Array | undefined {
  if (words !== undefined && !(Array.isArray(words) && words.every((word) => typeof word === "string")))
    throw new BitocrError("usage", "words is an array of strings");
  if (!words) return list;
  const further = new TextEncoder().encode("\n" + words.map(normalise).join("\n"));
  const all = new Uint8Array((list?.length ?? 0) + further.length);
  all.set(list ?? []);
  all.set(further, list?.length ?? 0);
  return all;
}
