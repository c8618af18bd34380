/** An error in one line that says what to do. `code` is its kind. */

import { BitocrError, type ErrorCode } from "../engine/errors.js";

export { BitocrError, type ErrorCode };

export const usageError = (message: string): BitocrError => new BitocrError("usage", message);
export const imageError = (message: string): BitocrError => new BitocrError("image", message);
export const modelError = (message: string): BitocrError => new BitocrError("model", message);

/** An error in messages between threads, which keep no classes except `Error`. */
export interface SentError {
  code: ErrorCode;
  message: string;
}

export function toSent(error: unknown): SentError {
  if (error instanceof BitocrError) return { code: error.code, message: error.message };
  return { code: "memory", message: `the engine failed (${messageOf(error)})` };
}

export function fromSent({ code, message }: SentError): BitocrError {
  return new BitocrError(code, message);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
