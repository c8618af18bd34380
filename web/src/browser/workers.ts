/** Workers of browsers. */

import type { Answer, Channel } from "../protocol.js";

/** The address of this script, in a constant so that bundlers do not look for files relative to it. */
const here = import.meta.url;

/** Undefined if there are no workers, as in a service worker. Raises BitocrError. */
export function startWorker(url: string | URL | undefined): Channel | undefined {
  if (typeof Worker === "undefined") return undefined;
  return channelOf(url === undefined ? ownWorker() : workerAt(new URL(url, location.href)));
}

/** Bundlers find the worker by this very expression. */
function ownWorker(): Worker {
  const script = new URL("worker.js", here);
  if (isForeign(script)) return foreignWorker(script);
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}

function workerAt(script: URL): Worker {
  return isForeign(script) ? foreignWorker(script) : new Worker(script, { type: "module" });
}

function isForeign({ protocol, origin }: URL): boolean {
  return /^https?:$/.test(protocol) && origin !== location.origin;
}

/** A page cannot start a worker from another host, such as a CDN, but it can start its own that imports it. */
function foreignWorker(script: URL): Worker {
  const own = new Blob([`import ${JSON.stringify(script.href)};`], { type: "text/javascript" });
  const url = URL.createObjectURL(own);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return new Worker(url, { type: "module" });
}

function channelOf(worker: Worker): Channel {
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    listen: (onAnswer, onEnd) => {
      worker.onmessage = (event: MessageEvent<string>) => onAnswer(JSON.parse(event.data) as Answer);
      worker.onerror = (event) => onEnd(event.message || "its script cannot be loaded");
    },
    close: () => worker.terminate(),
  };
}
