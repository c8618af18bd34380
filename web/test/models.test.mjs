/** Where models come from, and what is said of those that are none. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createReader } from "bitocr";
import { LINE, LINE_TEXT, MODELS, ROOT } from "./help/files.mjs";
import { serve } from "./help/server.mjs";

const quick = { workers: 0, detector: null };
let server;
before(async () => {
  server = await serve([MODELS]);
});
after(() => server.close());

const hash = (bytes) => `sha256-${createHash("sha256").update(bytes).digest("base64")}`;

async function readsWith(options) {
  const reader = await createReader({ ...quick, ...options });
  assert.equal((await reader.readLine(LINE)).text, LINE_TEXT);
}

test("a folder may be a path, a file URL or a web address", async () => {
  for (const models of [MODELS, `${MODELS}/`, pathToFileURL(MODELS), server.url, new URL(server.url)]) {
    await readsWith({ models });
  }
});

test("a model may be bytes, a blob, or an address with its hash", async () => {
  const bytes = await readFile(join(MODELS, "english.bit"));
  const url = `${server.url}english.bit`;
  const ngram = join(MODELS, "english.ngram");
  for (const recognizer of [bytes, new Blob([bytes]), url, { url, integrity: hash(bytes) }]) {
    await readsWith({ model: { recognizer, ngram, words: `${server.url}english.words` } });
  }
});

test("Chinese is read with the models of a folder", async () => {
  const reader = await createReader({ ...quick, model: "chinese", models: MODELS });
  const line = await reader.readLine(join(ROOT, "tests/data/lines/chinese-lines-00.png"));
  assert.match(line.text, /[一-龥]{3}/);
});

test("files come one by one, and progress tells of all of them", async () => {
  const seen = [];
  const from = server.paths.length;
  await createReader({ workers: 0, models: server.url, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(server.paths.slice(from), ["/page.bit", "/english.bit", "/english.ngram", "/english.words"]);
  const last = seen.at(-1);
  assert.equal(last.loaded, last.total);
  assert.ok(seen.every(({ loaded, total }, i) => total === last.total && loaded >= (seen[i - 1]?.loaded ?? 0)));
});

test("without a language model, and without pages, less is fetched", async () => {
  const from = server.paths.length;
  await createReader({ ...quick, models: server.url, languageModel: null });
  assert.deepEqual(server.paths.slice(from), ["/english.bit"]);
});

test("what is no model is refused in one line with its address", async () => {
  const page = "data:text/html,<!doctype html><title>Not found</title>";
  const bytes = await readFile(join(MODELS, "english.bit"));
  const url = `${server.url}english.bit`;
  const cases = [
    [{ model: { recognizer: `${server.url}none.bit` } }, "model", "none.bit: HTTP 404 Not Found"],
    [
      { model: { recognizer: "http://127.0.0.1:9/english.bit" } },
      "model",
      "http://127.0.0.1:9/english.bit: cannot be fetched",
    ],
    [{ model: { recognizer: new URL(page) } }, "model", "not a bitocr model but an HTML page"],
    [{ model: { recognizer: Buffer.from("hello") } }, "model", "not a bitocr model"],
    [{ model: { recognizer: bytes.subarray(0, 1000) } }, "model", ""],
    [{ model: { recognizer: { url, integrity: hash(Buffer.from("x")) } } }, "model", "of another version"],
    [{ model: { recognizer: { url, integrity: "md5-1" } } }, "usage", 'integrity is "sha256-"'],
    [{ model: { recognizer: "/nowhere/english.bit" } }, "model", "/nowhere/english.bit: no such file"],
    [{ model: "klingon" }, "usage", 'there is no model "klingon": take one of "english"'],
    [{ model: "chinese" }, "usage", "chinese.bit is not in this package"],
    [{ model: {} }, "usage", "a model is a name or { recognizer"],
    [{ workers: -1 }, "usage", "workers is from 0 to 64, not -1"],
    [{ maxPixels: 1.5 }, "usage", "maxPixels is a whole number"],
    [{ minScore: 2 }, "usage", "minScore is from 0 to 1"],
    [{ beam: 1000 }, "usage", "beam is"],
    [{ words: "word" }, "usage", "words is"],
    [{ wasm: Buffer.from("hello") }, "usage", "WebAssembly"],
    [{ wasm: `${server.url}none.wasm` }, "model", "none.wasm: HTTP 404"],
  ];
  for (const [options, code, message] of cases) {
    await assert.rejects(
      createReader({ ...quick, ...options }),
      (error) => {
        assert.deepEqual([error.name, error.code], ["BitocrError", code], error.message);
        assert.ok(error.message.includes(message), error.message);
        assert.ok(!error.message.includes("\n"));
        return true;
      },
      message,
    );
  }
});
