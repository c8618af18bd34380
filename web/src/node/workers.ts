/** Workers of Node. */

import { Worker } from "node:worker_threads";
import type { Answer, Channel } from "../protocol.js";

export function startWorker(url: string | URL | undefined): Channel {
  const worker = url === undefined ? new Worker(new URL("./node-worker.js", import.meta.url)) : new Worker(url);
  return {
    post(request, transfer) {
      worker.ref(); // a program may end while its readers wait, but not while they read
      worker.postMessage(request, transfer as ArrayBuffer[]);
    },
    listen(onAnswer, onEnd) {
      worker.on("message", (answer: Answer) => {
        worker.unref();
        onAnswer(answer);
      });
      worker.on("error", (error: Error) => onEnd(error.message));
      worker.on("exit", (code) => onEnd(`exit code ${code}`));
    },
    close: () => void worker.terminate(),
  };
}
