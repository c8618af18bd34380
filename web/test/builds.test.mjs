/** The package in Chromium: by a plain script tag, vite, webpack, from another host, and in an extension. */

import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bench, HEAD, withServer } from "./help/bench.mjs";
import { launchExtension, UNSAFE_HOST } from "./help/browser.mjs";
import { LINE_TEXT } from "./help/files.mjs";

const ENTRY = 'import * as bitocr from "bitocr"; globalThis.bitocr = bitocr;';

let bench;
before(async () => {
  bench = await Bench.open();
  await bench.writePage("plain", "./node_modules/bitocr/dist/");
});
after(() => bench?.close());

test("a plain script tag, with a worker, with two, and with none", async () => {
  await withServer([bench.folder], {}, async ({ url }) => {
    for (const workers of [1, 2, 0]) await bench.check(`${url}plain.html`, { workers });
  });
});

test("a page that is not served safely, with hashes all the same", async () => {
  await withServer([bench.folder], {}, async ({ url }) => {
    const unsafe = `${url.replace("127.0.0.1", UNSAFE_HOST)}plain.html`;
    await bench.check(unsafe);
    const { page } = await bench.visit(unsafe);
    const message = await page.evaluate(async () => {
      const recognizer = {
        url: "/node_modules/bitocr/dist/models/english.bit",
        integrity: `sha256-${"A".repeat(43)}=`,
      };
      return [isSecureContext, await bitocr.createReader({ model: { recognizer } }).catch((error) => error.message)];
    });
    assert.equal(message[0], false);
    assert.match(message[1], /english\.bit: cannot be fetched/);
    await page.close();
  });
});

test("the package on another host, such as a CDN", async () => {
  const dist = join(bench.folder, "node_modules/bitocr/dist");
  await withServer([dist], { "Access-Control-Allow-Origin": "*" }, async (cdn) => {
    await bench.writePage("far", cdn.url);
    await withServer([bench.folder], {}, ({ url }) => bench.check(`${url}far.html`));
    assert.ok(cdn.paths.includes("/worker.js"));
  });
});

test("vite builds it", async () => {
  const { build } = await import("vite");
  await writeFile(join(bench.folder, "entry.js"), ENTRY);
  await writeFile(join(bench.folder, "index.html"), `${HEAD}<script type="module" src="./entry.js"></script>`);
  const root = bench.folder;
  await build({ root, logLevel: "error", configFile: false, build: { outDir: join(root, "vite") } });
  await withServer([join(root, "vite")], {}, ({ url }) => bench.check(url));
});

test("webpack builds it", async () => {
  const { default: webpack } = await import("webpack");
  const path = join(bench.folder, "webpack");
  await writeFile(join(bench.folder, "entry.js"), ENTRY);
  const compiler = webpack({ mode: "production", context: bench.folder, entry: "./entry.js", output: { path } });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, done) => (error ? reject(error) : resolve(done))),
  );
  assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
  await writeFile(join(path, "index.html"), `${HEAD}<script src="main.js" defer></script>`);
  await withServer([path], {}, ({ url }) => bench.check(url));
});

test("an extension's service worker", async () => {
  const folder = join(bench.folder, "extension");
  await mkdir(folder);
  await cp(join(bench.folder, "node_modules/bitocr/dist"), join(folder, "dist"), { recursive: true });
  const manifest = {
    manifest_version: 3,
    name: "test",
    version: "1",
    background: { service_worker: "background.js", type: "module" },
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  await writeFile(
    join(folder, "background.js"),
    'import * as bitocr from "./dist/index.js"; globalThis.bitocr = bitocr;',
  );
  const context = await launchExtension(folder);
  try {
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker", { timeout: 30_000 }));
    const text = await worker.evaluate(async (data) => {
      const reader = await bitocr.createReader({ detector: null });
      return (await reader.readLine(await (await fetch(`data:image/png;base64,${data}`)).blob())).text;
    }, bench.pictures.line);
    assert.equal(text, LINE_TEXT);
  } finally {
    await context.close();
  }
});
