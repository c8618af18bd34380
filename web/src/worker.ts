/** The script of a browser's worker. */

import { decode } from "./browser/decode.js";
import { Host } from "./host.js";
import type { Request } from "./protocol.js";

const host = new Host(decode);

addEventListener("message", (event: MessageEvent<Request>) => {
  void host.answer(event.data).then((answer) => postMessage(JSON.stringify(answer))); // many small objects travel faster so
});
