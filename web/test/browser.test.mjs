/** Readers in Chromium: what is taken for a picture, what is refused, and what is fetched. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { createReader } from "bitocr";
import { Bench, withServer } from "./help/bench.mjs";
import { LINE, LINE_TEXT, PAGE } from "./help/files.mjs";
import { pixelsOf, transparentPng, turnedJpeg } from "./help/pictures.mjs";

let bench;
before(async () => {
  bench = await Bench.open();
  await bench.writePage("plain", "./node_modules/bitocr/dist/");
});
after(() => bench?.close());

test("a picture may be all that browsers have for one", async () => {
  await withServer([bench.folder], {}, async ({ url }) => {
    const { page, problems } = await bench.visit(`${url}plain.html`);
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

test("what is transparent is shown on the ground that suits it, and photos are turned upright", async () => {
  const pixels = await pixelsOf(LINE);
  const line = await readFile(LINE);
  const pictures = {
    black: transparentPng(pixels, 0),
    white: transparentPng(pixels, 255),
    turned: turnedJpeg(await readFile(PAGE), 6),
    plain: line,
  };
  const node = await createReader();
  const expected = {};
  for (const [name, bytes] of Object.entries(pictures)) expected[name] = (await node.read(bytes)).text;
  node.close();
  await withServer([bench.folder], {}, async ({ url }) => {
    const { page } = await bench.visit(`${url}plain.html`);
    const sent = Object.fromEntries(Object.entries(pictures).map(([name, bytes]) => [name, bytes.toString("base64")]));
    const texts = await page.evaluate(async (given) => {
      const reader = await bitocr.createReader();
      const read = {};
      for (const [name, data] of Object.entries(given)) {
        read[name] = (await reader.read(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)))).text;
      }
      return read;
    }, sent);
    assert.deepEqual(texts, expected);
    assert.ok(
      Object.values(texts).every((text) => text === LINE_TEXT || /SUBTOTAL/.test(text)),
      JSON.stringify(texts),
    );
    await page.close();
  });
});

test("what is no picture is refused in one line", async () => {
  await withServer([bench.folder], {}, async ({ url }) => {
    const { page } = await bench.visit(`${url}plain.html`);
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
  await withServer([bench.folder], {}, async (server) => {
    const { page } = await bench.visit(`${server.url}plain.html`);
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
  await withServer([bench.folder], {}, async ({ url }) => {
    const { page } = await bench.visit(`${url}plain.html`);
    const message = await page.evaluate(() =>
      bitocr.createReader({ worker: "/none.js" }).catch((error) => error.message),
    );
    assert.match(message, /the worker has ended: its script cannot be loaded/);
    await page.close();
  });
});
