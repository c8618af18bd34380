/** Workers of browsers. */

import { modelError } from "../errors.js";
import type { Answer, Channel } from "../protocol.js";

/** Undefined where there are no workers, as in a service worker. Raises BitocrError. */
export function startWorker(url: string | URL | undefined): Channel | undefined {
  if (typeof Worker === "undefined") return undefined;
  return channelOf(url === undefined ? ownWorker() : new Worker(url, { type: "module" }));
}

/** Bundlers find the worker by this very expression. */
function ownWorker(): Worker {
  try {
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch {
    return foreignWorker();
  }
}

/** A page may start no worker of another host, such as a CDN, but one of its own that imports it. */
function foreignWorker(): Worker {
  const here = import.meta.url;
  const script = `import ${JSON.stringify(new URL("worker.js", here).href)};`;
  const own = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return new Worker(own, { type: "module" });
  } catch (error) {
    throw modelError(`the worker cannot be started (${(error as Error).message}); { workers: 0 } does without`);
  } finally {
    setTimeout(() => URL.revokeObjectURL(own), 60_000);
  }
}

function channelOf(worker: Worker): Channel {
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    listen: (onAnswer, onEnd) => {
      worker.onmessage = (event: MessageEvent<Answer>) => onAnswer(event.data);
      worker.onerror = (event) => onEnd(event.message || "its script cannot be loaded");
    },
    close: () => worker.terminate(),
  };
}
