/** The messages between a reader and its workers. */

import type { Files, Line, Page, Pixels } from "../engine/types.js";
import type { SentError } from "./errors.js";
import type { Limits, Settings } from "./options.js";

/** A picture for a worker: pixels, or data that the worker decodes. */
export type Picture = Pixels | Blob | ImageBitmap | Uint8Array;

export type Task = "read" | "line" | "find";

/** The settings of the engine. `module` is compiled, and all workers share it. */
export interface Opening {
  module: WebAssembly.Module;
  files: Files;
  settings: Settings;
}

export interface OpenRequest extends Opening {
  id: number;
  task: "open";
}

export interface ReadRequest {
  id: number;
  task: Task;
  picture: Picture;
  /** The picture's file name, for `Page.path`. */
  path: string;
  limits: Limits;
}

export type Request = OpenRequest | ReadRequest;

export type Answer = { id: number; result: Page | Line | null } | { id: number; error: SentError };

/** A worker, or its stand-in in the calling thread. */
export interface Channel {
  post(request: Request, transfer: Transferable[]): void;
  /** Called for each answer, and with the reason when the worker ends by itself. */
  listen(onAnswer: (answer: Answer) => void, onEnd: (reason: string) => void): void;
  close(): void;
}

/** The differences between browsers and Node. */
export interface Platform {
  /** A new worker, or undefined if there are no workers. */
  startWorker(url: string | URL | undefined): Channel | undefined;
  /** Does a worker's work in this thread. */
  startHere(): Channel;
  /** Packs a picture for a worker. Raises BitocrError. */
  pack(source: unknown, maxPixels: number): Promise<Packed>;
  /** Reads addresses that `fetch` does not take, such as paths; undefined for others. */
  openFile(at: URL | string): Promise<Uint8Array> | undefined;
  /** Undefined if a page is served without HTTPS. */
  sha256: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined;
}

export interface Packed {
  picture: Picture;
  path: string;
  transfer: Transferable[];
}
