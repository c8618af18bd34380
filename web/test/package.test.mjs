/** The packed package: its size, what is in it, and its types. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { WEB } from "./help/files.mjs";
import { project } from "./help/packed.mjs";

const LIMIT = 2_500_000;

let packed;
before(async () => {
  packed = await project();
});
after(() => packed.remove());

test("it is small, and brings English and all modules", () => {
  assert.ok(packed.size <= LIMIT, `${packed.size} bytes`);
  const wanted = [
    "index.js",
    "worker.js",
    "node.js",
    "node-worker.js",
    "engine/bitocr.wasm",
    "engine/bitocr-simd.wasm",
    "engine/bitocr-relaxed.wasm",
  ];
  wanted.push(
    "models/page.bit",
    "models/english.bit",
    "models/english-tiny.bit",
    "models/english.ngram",
    "models/english.words",
  );
  for (const name of wanted) assert.ok(packed.files.includes(`dist/${name}`), name);
  assert.ok(packed.files.includes("README.md"));
  assert.ok(!packed.files.some((path) => /^(src|test|demo|engine)\//.test(path)));
});

test("what browsers load imports nothing", async () => {
  for (const name of ["index.js", "worker.js"]) {
    const script = await readFile(join(packed.folder, "node_modules/bitocr/dist", name), "utf8");
    assert.doesNotMatch(script, /\bfrom\s*["']|\bimport\s*[("']|\brequire\b/, name);
  }
});

const SAMPLE = `
import { BitocrError, createReader, type Page, type Reader } from "bitocr";

const reader: Reader = await createReader({ model: "english-tiny", workers: 2, allow: "0-9", words: ["total"] });
const page: Page = await reader.read(new Blob(), { signal: new AbortController().signal });
const quads = page.blocks.flatMap((block) => block.lines).map((line) => line.words[0]?.chars[0]?.quad[0][1].toFixed());
const { text, confidence } = await reader.readLine(new Uint8Array(8));
reader.close();
// @ts-expect-error: there is no such model
await createReader({ model: "klingon" });
export { BitocrError, confidence, quads, text };
`;

for (const [resolution, module] of [
  ["bundler", "esnext"],
  ["nodenext", "nodenext"],
]) {
  test(`its types are right for moduleResolution ${resolution}`, async () => {
    await writeFile(join(packed.folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(packed.folder, "sample.ts"), SAMPLE);
    const options = [
      "--noEmit",
      "--strict",
      "--ignoreConfig",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom",
      "--types",
      "",
    ];
    const tsc = join(WEB, "node_modules/typescript/bin/tsc");
    const check = () =>
      execFileSync(
        process.execPath,
        [tsc, ...options, "--module", module, "--moduleResolution", resolution, "sample.ts"],
        {
          cwd: packed.folder,
          encoding: "utf8",
        },
      );
    assert.doesNotThrow(check);
  });
}
