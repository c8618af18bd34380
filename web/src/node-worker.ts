/** The script of a worker of Node. */

import { parentPort } from "node:worker_threads";
import { Host } from "./host.js";
import { decode } from "./node/decode.js";
import type { Request } from "./protocol.js";

const host = new Host(decode);

parentPort?.on("message", (request: Request) => {
  void host.answer(request).then((answer) => parentPort?.postMessage(answer));
});
