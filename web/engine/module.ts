/** The WebAssembly module: picks the file that suits the browser, and starts it. */

import { BitocrError } from "./errors.js";

/** What the module exports; pointers are numbers below 2^31. */
export interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  bitocr_version(): number;
  bitocr_sizeof(name: number): number;
  bitocr_kernels(names: number, room: number): number;
  bitocr_load_memory(data: number, bytes: number, options: number, out: number, error: number): number;
  bitocr_free(model: number): void;
  bitocr_describe(model: number, info: number, error: number): number;
  bitocr_lexicon_create(model: number, words: number, bytes: number, out: number, error: number): number;
  bitocr_lexicon_free(lexicon: number): void;
  bitocr_ngram_load_memory(model: number, data: number, bytes: number, out: number, error: number): number;
  bitocr_ngram_free(ngram: number): void;
  bitocr_constraint_create(
    model: number, allow: number, pattern: number, check: number, out: number, error: number,
  ): number;
  bitocr_constraint_free(constraint: number): void;
  bitocr_results_create(): number;
  bitocr_results_free(results: number): void;
  bitocr_results_count(results: number): number;
  bitocr_results_line(results: number, i: number): number;
  bitocr_recognize(
    model: number, images: number, count: number, decoding: number, results: number, error: number,
  ): number;
  bitocr_page_create(): number;
  bitocr_page_free(page: number): void;
  bitocr_page_describe(page: number, info: number, error: number): number;
  bitocr_page_get(page: number, i: number): number;
  bitocr_page_get_block(page: number, i: number): number;
  bitocr_detector_load_memory(data: number, bytes: number, options: number, out: number, error: number): number;
  bitocr_detector_free(detector: number): void;
  bitocr_find(detector: number, image: number, options: number, page: number, error: number): number;
  bitocr_read_page(
    detector: number, model: number, image: number, options: number, decoding: number, page: number, error: number,
  ): number;
}

/** A module of one function, i8x16.popcnt(i8x16.splat(0)), which browsers without vectors refuse. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/**
 * A module whose function `f` uses relaxed SIMD: i32x4.relaxed_dot_i8x16_i7x16_add adds the products of four bytes, 3 and 5,
 * to 1000.
 */
const RELAXED_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 23, 1, 21, 0, 65, 3, 253,
  15, 65, 5, 253, 15, 65, 232, 7, 253, 17, 253, 147, 2, 253, 27, 0, 11,
);

/** Early implementations, such as Node.js 20 behind a flag, forget the 1000. */
function hasRelaxed(): boolean {
  if (!WebAssembly.validate(RELAXED_MODULE)) return false;
  try {
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(RELAXED_MODULE)).exports as { f: () => number };
    return f() === 1060;
  } catch {
    return false; // the page forbids all modules: compiling the engine's module reports it
  }
}

/** The files of the module. All give the same results to the bit. */
export type ModuleFile = "bitocr-relaxed.wasm" | "bitocr-simd.wasm" | "bitocr.wasm";

/** The name of the fastest file that runs here. */
export function moduleFile(): ModuleFile {
  if (hasRelaxed()) return "bitocr-relaxed.wasm";
  return WebAssembly.validate(SIMD_MODULE) ? "bitocr-simd.wasm" : "bitocr.wasm";
}

/** A module's source: the file's bytes, the result of fetching it, or a compiled module. */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | PromiseLike<Response>;

/** Compiles a module. You can send it to workers, and start it in each. Raises BitocrError. */
export async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  const bytes = isBufferSource(source) ? source : await download(await source);
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new BitocrError("usage", `not the engine's module of WebAssembly: ${(error as Error).message}`);
  }
}

function isBufferSource(source: BufferSource | Response | PromiseLike<Response>): source is BufferSource {
  return source instanceof ArrayBuffer || ArrayBuffer.isView(source);
}

/** Waits for all bytes: streaming needs a server that says application/wasm, and the module is too small to gain. */
async function download(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw new BitocrError("usage", `${response.url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

/** Starts a compiled module. */
export async function start(module: WebAssembly.Module): Promise<Exports> {
  const instance = await WebAssembly.instantiate(module, imports(module));
  const exports = instance.exports as unknown as Exports;
  exports._initialize();
  return exports;
}

/** Stubs for the C library's imports. They are never called, since the engine opens no files and prints nothing. */
function imports(module: WebAssembly.Module): WebAssembly.Imports {
  const found: Record<string, Record<string, () => number>> = {};
  const badFile = 8; // errno of WASI
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (found[from] ??= {})[name] = () => badFile;
  return found;
}
