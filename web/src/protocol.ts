/** What a reader and its workers tell each other. */

import type { Files, Line, Page, Pixels } from "../engine/types.js";
import type { SentError } from "./errors.js";
import type { Limits, Settings } from "./options.js";

/** A picture on its way to a worker: pixels, or what the worker decodes. */
export type Picture = Pixels | Blob | ImageBitmap | Uint8Array;

export type Task = "read" | "line" | "find";

/** What the engine is opened with; `module` is compiled, and shared by all workers. */
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

/** A worker, or what takes its place in the calling thread. */
export interface Channel {
  post(request: Request, transfer: Transferable[]): void;
  /** Called for each answer, and with the reason when the worker ends by itself. */
  listen(onAnswer: (answer: Answer) => void, onEnd: (reason: string) => void): void;
  close(): void;
}

/** What differs between browsers and Node. */
export interface Platform {
  /** A new worker, or undefined where there are none. */
  startWorker(url: string | URL | undefined): Channel | undefined;
  /** Does a worker's work in this thread. */
  startHere(): Channel;
  /** A picture as it is sent to a worker. Raises BitocrError. */
  pack(source: unknown, maxPixels: number): Promise<Packed>;
  /** Reads what `fetch` does not, as a file's path; undefined for all else. */
  openFile(at: URL | string): Promise<Uint8Array> | undefined;
  /** Undefined where a page is not served safely. */
  sha256: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined;
}

export interface Packed {
  picture: Picture;
  path: string;
  transfer: Transferable[];
}
