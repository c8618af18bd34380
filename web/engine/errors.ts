/** The engine's errors. */

export type ErrorCode = "usage" | "image" | "model" | "memory";

const CODES: readonly ErrorCode[] = ["usage", "image", "model", "memory"]; // bitocr_status - 1

export class BitocrError extends Error {
  override readonly name = "BitocrError";

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }

  /** The meaning of a bitocr_status other than 0. */
  static of(status: number, message: string): BitocrError {
    return new BitocrError(CODES[status - 1] ?? "usage", message);
  }
}

export function outOfMemory(what: string): BitocrError {
  return new BitocrError("memory", `out of memory for ${what}`);
}
