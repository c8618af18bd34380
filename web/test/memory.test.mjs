/** Memory stays what it is over ten thousand lines. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createReader } from "bitocr";
import { join } from "node:path";
import { ROOT } from "./help/files.mjs";
import { pixelsOf } from "./help/pictures.mjs";

const LINES = 10_000;
const SLACK = 12 << 20; // bytes by which a process with nothing to do grows and shrinks

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

function used() {
  collect();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss, heap: heapUsed + arrayBuffers };
}

test("memory is flat", { timeout: 300_000 }, async () => {
  const options = { model: "english-tiny", languageModel: null, reread: 0, detector: null, workers: 0 };
  const reader = await createReader(options);
  const pixels = await pixelsOf(join(ROOT, "tests/data/lines/words-06.png"));
  const texts = new Set();
  let start;
  for (let i = 0; i < LINES; i++) {
    texts.add((await reader.readLine(pixels)).text);
    if (i === LINES / 10) start = used();
  }
  const end = used();
  assert.equal(texts.size, 1);
  assert.ok(end.heap - start.heap < 1 << 20, `the heap grew by ${end.heap - start.heap} bytes`);
  assert.ok(end.rss - start.rss < SLACK, `the process grew by ${end.rss - start.rss} bytes`);
});
