/** Reads pictures: the same on every platform. */

import { compile, moduleFile } from "../engine/module.js";
import type { Line, Page } from "../engine/types.js";
import { fetchAll, request } from "./fetching.js";
import { limitsOf, type ReaderOptions, type ReadOptions, settingsOf, type Settings, workersOf } from "./options.js";
import { Pool } from "./pool.js";
import type { Channel, Platform, Task } from "./protocol.js";
import { shippedModule } from "./shipped.js";
import { sourcesOf } from "./sources.js";

/** The result of `createReader`. `Source` is the platform's type of a picture. */
export interface Reader<Source> {
  /** Reads a page. Raises BitocrError, and the signal's reason. */
  read(picture: Source, options?: ReadOptions): Promise<Page>;
  /** Reads a picture of one line or word. */
  readLine(picture: Source, options?: ReadOptions): Promise<Line>;
  /** Finds the lines of a page, without their text. */
  find(picture: Source, options?: { signal?: AbortSignal }): Promise<Page>;
  /** Ends the workers and frees their memory. Running requests are rejected. */
  close(): void;
}

/** Fetches the model and starts the workers. Raises BitocrError, and the signal's reason. */
export async function createReaderOn<Source>(platform: Platform, options: ReaderOptions): Promise<Reader<Source>> {
  const sources = sourcesOf(options);
  const settings = settingsOf(options, sources.name);
  const count = workersOf(options);
  const module = await loadModule(platform, options);
  const files = await fetchAll(sources.files, options, platform);
  const pool = new Pool(channels(platform, count, options.worker));
  try {
    await pool.open({ module, files, settings });
    options.signal?.throwIfAborted();
  } catch (error) {
    pool.close();
    throw error;
  }
  return new PoolReader(platform, pool, settings);
}

async function loadModule(platform: Platform, { wasm, signal }: ReaderOptions): Promise<WebAssembly.Module> {
  if (wasm instanceof ArrayBuffer || wasm instanceof Uint8Array) return compile(wasm as BufferSource);
  const at = wasm ?? shippedModule(moduleFile());
  const bytes = await (platform.openFile(at) ?? request(at, signal).then((response) => response.arrayBuffer()));
  return compile(bytes as BufferSource);
}

function channels(platform: Platform, count: number, url: string | URL | undefined): Channel[] {
  const workers = Array.from({ length: count }, () => platform.startWorker(url)).filter(
    (channel) => channel !== undefined,
  );
  return workers.length ? workers : [platform.startHere()];
}

class PoolReader<Source> implements Reader<Source> {
  constructor(
    private readonly platform: Platform,
    private readonly pool: Pool,
    private readonly settings: Settings,
  ) {}

  read(picture: Source, options?: ReadOptions): Promise<Page> {
    return this.run("read", picture, options) as Promise<Page>;
  }

  readLine(picture: Source, options?: ReadOptions): Promise<Line> {
    return this.run("line", picture, options) as Promise<Line>;
  }

  find(picture: Source, options?: { signal?: AbortSignal }): Promise<Page> {
    return this.run("find", picture, options) as Promise<Page>;
  }

  close(): void {
    this.pool.close();
  }

  private async run(task: Task, source: Source, options: ReadOptions = {}): Promise<Page | Line | null> {
    const limits = limitsOf(options);
    options.signal?.throwIfAborted();
    this.pool.checkOpen();
    const { picture, path, transfer } = await this.platform.pack(source, this.settings.maxPixels);
    options.signal?.throwIfAborted();
    return this.pool.run({ task, picture, path, limits }, transfer, options.signal);
  }
}
