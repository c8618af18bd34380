/** Gives requests to workers in order, one at a time to each worker. */

import type { Line, Page } from "../engine/types.js";
import { fromSent, modelError, usageError } from "./errors.js";
import type { Answer, Channel, Opening, ReadRequest, Request } from "./protocol.js";

type Result = Page | Line | null;
type Unsent = Omit<ReadRequest, "id">;

interface Job {
  request: Unsent;
  transfer: Transferable[];
  signal: AbortSignal | undefined;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

export class Pool {
  private readonly waiting: Job[] = [];
  private readonly workers: PoolWorker[];
  private isClosed = false;

  constructor(channels: Channel[]) {
    this.workers = channels.map((channel) => new PoolWorker(channel));
  }

  /** Opens the engine in each worker. */
  async open(opening: Opening): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.send({ ...opening, task: "open" }, [])));
  }

  /** Raises BitocrError, and the signal's reason. A worker finishes an aborted request, and its result is dropped. */
  run(request: Unsent, transfer: Transferable[], signal?: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.checkOpen();
      const job: Job = { request, transfer, signal, resolve, reject };
      this.waiting.push(job);
      abortable(job, () => this.forget(job));
      this.assign();
    });
  }

  /** Raises BitocrError. */
  checkOpen(): void {
    if (this.isClosed) throw usageError("the reader is closed");
  }

  close(): void {
    this.isClosed = true;
    for (const job of this.waiting.splice(0)) job.reject(usageError("the reader was closed"));
    for (const worker of this.workers) worker.close();
  }

  private forget(job: Job): void {
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  private assign(): void {
    for (const worker of this.workers) {
      const job = worker.isFree ? this.waiting.shift() : undefined;
      if (job) void this.give(worker, job);
    }
    if (this.waiting.length && this.workers.every((worker) => worker.end !== undefined)) {
      for (const job of this.waiting.splice(0)) job.reject(modelError(this.workers[0]?.end ?? ""));
    }
  }

  private async give(worker: PoolWorker, job: Job): Promise<void> {
    await worker.send(job.request, job.transfer).then(job.resolve, job.reject);
    this.assign();
  }
}

/** Rejects a job when its signal fires. */
function abortable(job: Job, onAbort: () => void): void {
  const { signal, resolve, reject } = job;
  if (!signal) return;
  const abort = (): void => {
    onAbort();
    reject(signal.reason);
  };
  const done = (): void => signal.removeEventListener("abort", abort);
  job.resolve = (result) => (done(), resolve(result));
  job.reject = (reason) => (done(), reject(reason));
  signal.addEventListener("abort", abort, { once: true });
}

interface Waiter {
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

class PoolWorker {
  /** The reason why it has ended, if it has. */
  end: string | undefined;
  private readonly waiters = new Map<number, Waiter>();
  private lastId = 0;

  constructor(private readonly channel: Channel) {
    channel.listen(
      (answer) => this.take(answer),
      (reason) => this.stop(`the worker has ended: ${reason}`),
    );
  }

  get isFree(): boolean {
    return this.end === undefined && this.waiters.size === 0;
  }

  send(request: Unsent | Omit<Request & { task: "open" }, "id">, transfer: Transferable[]): Promise<Result> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiters.set(id, { resolve, reject });
      try {
        this.channel.post({ ...request, id } as Request, transfer);
      } catch (error) {
        this.waiters.delete(id);
        reject(error);
      }
      if (this.end !== undefined) this.stop(this.end);
    });
  }

  close(): void {
    this.stop("the reader was closed");
    this.channel.close();
  }

  private take(answer: Answer): void {
    const waiter = this.waiters.get(answer.id);
    this.waiters.delete(answer.id);
    if ("error" in answer) waiter?.reject(fromSent(answer.error));
    else waiter?.resolve(answer.result);
  }

  private stop(reason: string): void {
    this.end = reason;
    for (const waiter of this.waiters.values()) waiter.reject(usageError(reason));
    this.waiters.clear();
  }
}
