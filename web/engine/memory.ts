/** The module's memory, which JavaScript reads and writes. */

import { BitocrError, outOfMemory } from "./errors.js";
import type { Exports } from "./module.js";
import { ERROR } from "./structures.js";
import type { Bytes } from "./types.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

export function bytesOf(data: Bytes): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}

/**
 * Calls into C. When memory grows, all views of it are detached. So no view is kept: `bytes` and `view` make new ones if
 * necessary.
 */
export class Memory {
  private readonly error: number;
  private viewed: DataView;

  constructor(readonly c: Exports) {
    this.viewed = new DataView(c.memory.buffer);
    this.error = this.alloc(ERROR.size, "messages");
  }

  get view(): DataView {
    if (this.viewed.buffer !== this.c.memory.buffer) this.viewed = new DataView(this.c.memory.buffer);
    return this.viewed;
  }

  bytes(pointer: number, count: number): Uint8Array {
    return new Uint8Array(this.c.memory.buffer, pointer, count);
  }

  text(pointer: number, count: number): string {
    return decoder.decode(this.bytes(pointer, count));
  }

  /** The text of a C string. */
  string(pointer: number): string {
    const all = new Uint8Array(this.c.memory.buffer, pointer);
    return this.text(pointer, all.indexOf(0));
  }

  alloc(bytes: number, what: string): number {
    const pointer = bytes < 2 ** 31 ? this.c.malloc(bytes || 1) : 0;
    if (!pointer) throw outOfMemory(what);
    return pointer;
  }

  /** A copy; the caller frees it. */
  copy(data: Uint8Array, what: string): number {
    const pointer = this.alloc(data.length, what);
    this.bytes(pointer, data.length).set(data);
    return pointer;
  }

  /** Calls `use` with a copy, and frees the copy. */
  withCopy<T>(data: Uint8Array, what: string, use: (pointer: number, bytes: number) => T): T {
    const pointer = this.copy(data, what);
    try {
      return use(pointer, data.length);
    } finally {
      this.c.free(pointer);
    }
  }

  /** The same with a C string; a NULL pointer if there is none. */
  withString<T>(text: string | null | undefined, name: string, use: (pointer: number) => T): T {
    if (text === undefined || text === null) return use(0);
    if (typeof text !== "string") throw new BitocrError("usage", `${name} is a string, not ${typeof text}`);
    if (text.includes("\0")) throw new BitocrError("usage", `${name} holds a zero byte`);
    return this.withCopy(encoder.encode(text + "\0"), name, use);
  }

  /** Calls `use` with a structure that holds its size and zeros, and frees it. */
  withStructure<T>(bytes: number, use: (pointer: number) => T): T {
    const pointer = this.alloc(bytes, "a call");
    try {
      this.bytes(pointer, bytes).fill(0);
      this.view.setUint32(pointer, bytes, true);
      return use(pointer);
    } finally {
      this.c.free(pointer);
    }
  }

  /** Calls a function that fails with a status and a message. Raises BitocrError. */
  call(run: (error: number) => number): void {
    this.view.setUint32(this.error, ERROR.size, true);
    const status = run(this.error);
    if (status) throw BitocrError.of(status, this.string(this.error + ERROR.message));
  }

  /** The same for a function that makes a handle. */
  handle(run: (out: number, error: number) => number): number {
    return this.withStructure(4, (out) => {
      this.call((error) => run(out, error));
      return this.view.getUint32(out, true);
    });
  }
}
