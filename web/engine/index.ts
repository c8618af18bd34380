/**
 * The engine in WebAssembly: a thin class around the module, which needs neither a DOM nor a worker. It runs in browsers,
 * their workers, and node. `make wasm` builds the three modules beside these sources.
 *
 *     const engine = await Engine.create(fetch(new URL(`./${moduleFile()}`, import.meta.url)));
 *     const reader = engine.open({ model, detector, ngram, wordList }, { name: "english" }); // bytes of the files
 *     reader.warmUp();
 *     const page = reader.readPage(imageData); // plain objects, as `bitocr read --json` prints them
 *     const line = reader.readLine({ data, width, height, channels: 1 }, { allow: "0-9" });
 *     reader.free();
 *
 * All calls except `create` are synchronous. Every error is a BitocrError with one line of text.
 */

import { Memory } from "./memory.js";
import { compile, start, type ModuleSource } from "./module.js";
import { Reader } from "./reader.js";
import { check } from "./structures.js";
import type { Files, ReaderOptions } from "./types.js";

export { BitocrError, type ErrorCode } from "./errors.js";
export { compile, moduleFile, type ModuleFile, type ModuleSource } from "./module.js";
export type { Reader } from "./reader.js";
export type * from "./types.js";

/** A running module. Its readers share its memory and a thread. */
export class Engine {
  /** The engine's version, such as "0.6.0". */
  readonly version: string;

  private constructor(private readonly memory: Memory) {
    this.version = memory.string(memory.c.bitocr_version());
  }

  /** Compiles and starts a module: the file that `moduleFile` names. Raises BitocrError. */
  static async create(source: ModuleSource): Promise<Engine> {
    const memory = new Memory(await start(await compile(source)));
    check(memory);
    return new Engine(memory);
  }

  /** Opens a model with its files, whose bytes are copied. Raises BitocrError. */
  open(files: Files, options: ReaderOptions = {}): Reader {
    return new Reader(this.memory, files, options);
  }

  /** The bytes of the module's memory, which grows and does not shrink. */
  get memoryBytes(): number {
    return this.memory.c.memory.buffer.byteLength;
  }
}
