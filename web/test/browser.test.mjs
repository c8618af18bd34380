/** Reading in Chromium: a plain script tag, vite, webpack, another host, and an extension. */

import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createReader } from "bitocr";
import { launch, launchExtension, UNSAFE_HOST } from "./help/browser.mjs";
import { LINE, LINE_TEXT, PAGE } from "./help/files.mjs";
import { project } from "./help/packed.mjs";
import { serve } from "./help/server.mjs";

const ENTRY = 'import * as bitocr from "bitocr"; globalThis.bitocr = bitocr;';
const HEAD = '<!doctype html><title>test</title><link rel="icon" href="data:,">';

let packed, browser, pictures, expected;
before(async () => {
  packed = await project();
  browser = await launch();
  pictures = { line: (await readFile(LINE)).toString("base64"), page: (await readFile(PAGE)).toString("base64") };
  const reader = await createReader();
  expected = { line: await reader.readLine(LINE), page: { ...(await reader.read(PAGE)), path: "receipt.jpg" } };
  reader.close();
});
after(async () => {
  await browser?.close();
  await packed?.remove();
});

/** Opens a page that has `globalThis.bitocr`; what goes wrong in it fails the test. */
async function open(url) {
  const page = await browser.newPage();
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.addInitScript((data) => {
    globalThis.fileOf = async (name, type) =>
      new File(
        [await (await fetch(`data:${type};base64,${data[name]}`)).blob()],
        name === "page" ? "receipt.jpg" : "line.png",
        { type },
      );
  }, pictures);
  await page.goto(url);
  await page.waitForFunction(() => globalThis.bitocr).catch((error) => assert.fail(`${error}: ${problems}`));
  return { page, problems };
}

/** Reads both pictures in the page, and compares with what Node reads. */
async function check(url, options = {}) {
  const { page, problems } = await open(url);
  const read = await page.evaluate(async (given) => {
    const reader = await bitocr.createReader(given);
    const line = await reader.readLine(await fileOf("line", "image/png"));
    const whole = await reader.read(await fileOf("page", "image/jpeg"));
    reader.close();
    return { line, page: whole };
  }, options);
  assert.deepEqual(read, expected);
  assert.deepEqual(problems, []);
  await page.close();
}

async function withServer(folders, headers, use) {
  const server = await serve(folders, headers);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

async function plainPage(name, from) {
  const script = `import * as bitocr from "${from}index.js"; globalThis.bitocr = bitocr;`;
  await writeFile(join(packed.folder, `${name}.html`), `${HEAD}<script type="module">${script}</script>`);
}

test("a plain script tag, with a worker, with two, and with none", async () => {
  await plainPage("plain", "./node_modules/bitocr/dist/");
  await withServer([packed.folder], {}, async ({ url }) => {
    for (const workers of [1, 2, 0]) await check(`${url}plain.html`, { workers });
  });
});

test("a page that is not served safely, with hashes all the same", async () => {
  await withServer([packed.folder], {}, async ({ url }) => {
    const unsafe = `${url.replace("127.0.0.1", UNSAFE_HOST)}plain.html`;
    await check(unsafe);
    const { page } = await open(unsafe);
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
  const dist = join(packed.folder, "node_modules/bitocr/dist");
  await withServer([dist], { "Access-Control-Allow-Origin": "*" }, async (cdn) => {
    await plainPage("far", cdn.url);
    await withServer([packed.folder], {}, ({ url }) => check(`${url}far.html`));
    assert.ok(cdn.paths.includes("/worker.js"));
  });
});

test("vite builds it", async () => {
  const { build } = await import("vite");
  await writeFile(join(packed.folder, "entry.js"), ENTRY);
  await writeFile(join(packed.folder, "index.html"), `${HEAD}<script type="module" src="./entry.js"></script>`);
  const root = packed.folder;
  await build({ root, logLevel: "error", configFile: false, build: { outDir: join(root, "vite") } });
  await withServer([join(root, "vite")], {}, ({ url }) => check(url));
});

test("webpack builds it", async () => {
  const { default: webpack } = await import("webpack");
  const path = join(packed.folder, "webpack");
  await writeFile(join(packed.folder, "entry.js"), ENTRY);
  const compiler = webpack({ mode: "production", context: packed.folder, entry: "./entry.js", output: { path } });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, done) => (error ? reject(error) : resolve(done))),
  );
  assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
  await writeFile(join(path, "index.html"), `${HEAD}<script src="main.js" defer></script>`);
  await withServer([path], {}, ({ url }) => check(url));
});

test("an extension's service worker", async () => {
  const folder = join(packed.folder, "extension");
  await mkdir(folder);
  await cp(join(packed.folder, "node_modules/bitocr/dist"), join(folder, "dist"), { recursive: true });
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
    }, pictures.line);
    assert.equal(text, LINE_TEXT);
  } finally {
    await context.close();
  }
});

test("a picture may be all that browsers have for one", async () => {
  await withServer([packed.folder], {}, async ({ url }) => {
    const { page, problems } = await open(`${url}plain.html`);
    const texts = await page.evaluate(async () => {
      const file = await fileOf("line", "image/png");
      const bitmap = await createImageBitmap(file);
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      const context = canvas.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const image = new Image();
      image.src = URL.createObjectURL(file);
      await image.decode();
      const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
      offscreen.getContext("2d").drawImage(bitmap, 0, 0);
      const bytes = await file.arrayBuffer();
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      const frame = new VideoFrame(bitmap, { timestamp: 0 });
      const sources = { file, bitmap, canvas, image, offscreen, bytes, view: new Uint8Array(bytes), pixels, frame };
      const reader = await bitocr.createReader({ detector: null });
      const read = {};
      for (const [name, source] of Object.entries(sources)) {
        read[name] = (await reader.readLine(source)).text;
        read[`${name} again`] = (await reader.readLine(source)).text;
      }
      return read;
    });
    for (const [name, text] of Object.entries(texts)) assert.equal(text, LINE_TEXT, name);
    assert.deepEqual(problems, []);
    await page.close();
  });
});

test("what is no picture is refused in one line", async () => {
  await withServer([packed.folder], {}, async ({ url }) => {
    const { page } = await open(`${url}plain.html`);
    const messages = await page.evaluate(async () => {
      const reader = await bitocr.createReader({ detector: null, maxPixels: 1000 });
      const huge = new Uint8Array([
        0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 99, 0, 0, 0, 99, 0,
      ]);
      const sources = [
        "a.png",
        new Blob([]),
        new Blob(["hello"]),
        huge,
        new Image(),
        {},
        await fileOf("line", "image/png"),
      ];
      const message = (source) => reader.readLine(source).then(String, (error) => `${error.code}: ${error.message}`);
      return Promise.all(sources.map(message));
    });
    const parts = [
      "image: a.png: an address, not a picture",
      "image: an empty file",
      "image: not a picture of a format",
      "image: too large: 25344 x 25344",
      "image: the HTMLImageElement cannot be read",
      "usage: a picture is a File, Blob",
      "image: too large: ",
    ];
    parts.forEach((part, i) => assert.ok(messages[i].startsWith(part), messages[i]));
    await page.close();
  });
});

test("files are fetched once, kept, and fetched again when they are not what they were", async () => {
  await withServer([packed.folder], {}, async (server) => {
    const { page } = await open(`${server.url}plain.html`);
    const create = () =>
      page.evaluate(async () => (await bitocr.createReader({ workers: 0, model: "english-tiny" })).close());
    const fetched = () =>
      server.paths
        .splice(0)
        .filter((path) => path.includes("/models/"))
        .map((path) => path.split("/").pop());
    fetched();
    await create();
    assert.deepEqual(fetched(), ["page.bit", "english-tiny.bit", "english.ngram", "english.words"]);
    await create();
    assert.deepEqual(fetched(), []);
    await page.evaluate(async () => {
      const cache = await caches.open("bitocr-models");
      const [, request] = await cache.keys();
      await cache.put(request, new Response("an old version"));
    });
    await create();
    assert.deepEqual(fetched(), ["english-tiny.bit"]);
    await page.close();
  });
});

test("a worker whose script is missing is told of", async () => {
  await withServer([packed.folder], {}, async ({ url }) => {
    const { page } = await open(`${url}plain.html`);
    const message = await page.evaluate(() =>
      bitocr.createReader({ worker: "/none.js" }).catch((error) => error.message),
    );
    assert.match(message, /the worker has ended: its script cannot be loaded/);
    await page.close();
  });
});
