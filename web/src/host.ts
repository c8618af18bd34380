/** Does the work of a worker: in a worker, or in the calling thread. */

import { Engine, type Reader } from "../engine/index.js";
import type { Line, Page, Pixels } from "../engine/types.js";
import { BitocrError, modelError, toSent } from "./errors.js";
import type { Settings } from "./options.js";
import type { Answer, Channel, Opening, Picture, ReadRequest, Request } from "./protocol.js";

export type Decode = (picture: Picture, maxPixels: number) => Promise<Pixels>;

export class Host {
  private opening: Opening | undefined;
  private reader: Reader | undefined;

  constructor(private readonly decode: Decode) {}

  async answer(request: Request): Promise<Answer> {
    try {
      return { id: request.id, result: await this.work(request) };
    } catch (error) {
      // A module that has trapped may be in any state: the next request starts another one.
      if (!(error instanceof BitocrError)) this.close();
      return { id: request.id, error: toSent(error) };
    }
  }

  /** The module's memory goes with it. */
  close(): void {
    this.reader = undefined;
  }

  private async work(request: Request): Promise<Page | Line | null> {
    if (request.task !== "open") return this.read(request);
    this.opening = request;
    await this.open();
    return null;
  }

  private async open(): Promise<Reader> {
    if (!this.opening) throw modelError("no model was opened");
    const { module, files, settings } = this.opening;
    this.reader ??= (await Engine.create(module)).open(files, settings.reader);
    return this.reader;
  }

  private async read({ task, picture, path, limits }: ReadRequest): Promise<Page | Line> {
    const reader = await this.open();
    const { minScore, maxPixels } = this.opening?.settings as Settings;
    const pixels = await this.decode(picture, maxPixels);
    if (task === "line") return reader.readLine(pixels, limits);
    return task === "find"
      ? reader.findLines(pixels, { path })
      : reader.readPage(pixels, { ...limits, minScore, path });
  }
}

/** The messages of a stand-in for a worker, in the calling thread. */
export function hereChannel(host: Host): Channel {
  let onAnswer: (answer: Answer) => void = () => undefined;
  return {
    post: (request) => void host.answer(request).then((answer) => onAnswer(answer)),
    listen: (listener) => {
      onAnswer = listener;
    },
    close: () => host.close(),
  };
}
