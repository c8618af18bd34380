/** The package's own decoder of small PNGs: the samples that were written, and the pixels that Chromium shows. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { constants } from "node:zlib";
import { build } from "esbuild";
import { launch } from "./help/browser.mjs";
import { chunk, dice, pngOf, randomSamples } from "./help/png.mjs";

const [GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA] = [0, 2, 3, 4, 6];
const COLOURS = Buffer.from(Array.from({ length: 768 }, (_, i) => (i * 37) % 256));
const PLTE = chunk("PLTE", COLOURS);
const SIZES = [[1, 1], [2, 3], [7, 5], [8, 4], [33, 12], [150, 40]];
const KINDS = [
  [GRAY, 1], [GRAY, 2], [GRAY, 4], [GRAY, 8], [PALETTE, 1], [PALETTE, 2], [PALETTE, 4], [PALETTE, 8], [RGB, 8], [RGBA, 8],
];

let script, decode, browser, page;
before(async () => {
  const options = { bundle: true, write: false, format: "iife", globalName: "own" };
  script = (await build({ entryPoints: ["src/png/png.ts"], ...options })).outputFiles[0].text;
  decode = new Function(`${script}; return own.decodeSmallPng;`)();
  browser = await launch();
  page = await browser.newPage();
  await page.route("http://localhost/", (route) => route.fulfill({ contentType: "text/html", body: "" }));
  await page.goto("http://localhost/"); // a safe place, as ImageDecoder takes
  await page.addScriptTag({ content: script });
});
after(() => browser?.close());

function kindOf(colour, depth, [width, height] = [33, 12]) {
  const kind = { colour, depth, width, height };
  return { ...kind, samples: randomSamples(kind, 1 + colour + depth + width) };
}

function extraOf({ colour }) {
  return colour === PALETTE ? [PLTE] : [];
}

/** Four numbers a pixel. */
function shown({ colour, depth, width, height, samples }) {
  const rgba = [];
  const rowBytes = samples.length / height;
  const last = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    const bits = [...samples.subarray(y * rowBytes, (y + 1) * rowBytes)].map((byte) => byte.toString(2).padStart(8, "0"));
    const values = bits.join("").match(new RegExp(`.{${depth}}`, "g")).map((text) => Number.parseInt(text, 2));
    for (let x = 0; x < width; x++) {
      if (colour === GRAY) rgba.push(...Array(3).fill((values[x] * 255) / last), 255);
      else if (colour === PALETTE) rgba.push(...COLOURS.subarray(3 * values[x], 3 * values[x] + 3), 255);
      else if (colour === RGB) rgba.push(...values.slice(3 * x, 3 * x + 3), 255);
      else rgba.push(...values.slice(4 * x, 4 * x + 4));
    }
  }
  return rgba;
}

function toRgba({ data, width, height, channels, stride = width * channels }) {
  const rgba = [];
  for (let y = 0; y < height; y++) {
    for (let i = y * stride; i < y * stride + width * channels; i += channels) {
      if (channels === 1) rgba.push(data[i], data[i], data[i], 255);
      else rgba.push(...data.subarray(i, i + 3), channels === 4 ? data[i + 3] : 255);
    }
  }
  return rgba;
}

function assertDecoded(kind, options, what) {
  const pixels = decode(new Uint8Array(pngOf(kind, { extra: extraOf(kind), ...options })));
  assert.deepEqual([pixels?.width, pixels?.height], [kind.width, kind.height], what);
  assert.deepEqual(toRgba(pixels), shown(kind), what);
}

test("pictures of all common kinds and sizes", () => {
  for (const [colour, depth] of KINDS) {
    for (const size of SIZES) assertDecoded(kindOf(colour, depth, size), {}, `${colour} ${depth} ${size}`);
  }
});

test("all filters, all kinds of blocks, and pixels in many chunks", () => {
  const kind = kindOf(RGB, 8, [150, 40]);
  const even = { ...kind, samples: Buffer.alloc(kind.samples.length, 77) };
  for (let filter = 0; filter < 5; filter++) assertDecoded(kind, { filters: [filter] }, `filter ${filter}`);
  for (const picture of [kind, even]) {
    for (const level of [0, 1, 6, 9]) assertDecoded(picture, { zlib: { level } }, `level ${level}`);
    for (const strategy of [constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE])
      assertDecoded(picture, { zlib: { strategy } }, `strategy ${strategy}`);
    for (const parts of [2, 7, 50]) assertDecoded(picture, { parts }, `${parts} parts`);
  }
});

test("rare and large ones are left to the browser", () => {
  const rgb = kindOf(RGB, 8);
  const cases = {
    "16 bits": pngOf(kindOf(RGB, 16)),
    "gray with alpha": pngOf(kindOf(GRAY_ALPHA, 8)),
    "interlaced": pngOf({ ...rgb, interlace: 1 }),
    "a transparent colour": pngOf(rgb, { extra: [chunk("tRNS", Buffer.alloc(6))] }),
    "animated": pngOf(rgb, { extra: [chunk("acTL", Buffer.alloc(8))] }),
    "a critical chunk": pngOf(rgb, { extra: [chunk("ABCD", Buffer.alloc(2))] }),
    "no palette": pngOf(kindOf(PALETTE, 8)),
    "a short palette": pngOf(kindOf(PALETTE, 8), { extra: [chunk("PLTE", COLOURS.subarray(0, 30))] }),
    "large": pngOf({ ...rgb, width: 1000, height: 1000, samples: Buffer.alloc(3e6) }),
    "no columns": pngOf({ ...rgb, width: 0 }),
    "no rows": pngOf({ ...rgb, height: 0 }),
    "huge": pngOf({ ...rgb, width: 0xffffffff, height: 0xffffffff }, { stream: Buffer.alloc(9) }),
    "an unknown filter": pngOf(rgb, { filters: [0, 5] }),
    "too few bytes": pngOf({ ...rgb, height: 13 }, { stream: Buffer.from("789c030000000001", "hex") }),
    "too many": Buffer.concat([pngOf({ ...rgb, height: 11 }).subarray(0, 33), pngOf(rgb).subarray(33)]),
  };
  for (const [what, file] of Object.entries(cases)) assert.equal(decode(new Uint8Array(file)), undefined, what);
  assert.equal(decode(new Uint8Array(0)), undefined);
});

test("no damaged file is decoded", () => {
  const file = new Uint8Array(pngOf(kindOf(RGB, 8)));
  for (let bytes = 0; bytes < file.length; bytes++) assert.equal(decode(file.subarray(0, bytes)), undefined);
  for (let i = 0; i < file.length; i++) {
    const damaged = file.slice();
    damaged[i] ^= 1 << i % 8;
    assert.equal(decode(damaged), undefined, `byte ${i}`);
  }
});

test("no stream raises an error or takes long", () => {
  const kind = kindOf(RGB, 8);
  const roll = dice(5);
  for (const zlib of [{}, { strategy: constants.Z_FIXED }, { level: 0 }]) {
    const file = pngOf(kind, { zlib });
    const stream = file.subarray(41, file.length - 16);
    for (let times = 0; times < 1500; times++) {
      const damaged = Buffer.from(stream);
      for (let flips = 1 + roll(4); flips > 0; flips--) damaged[roll(damaged.length)] = roll(256);
      const pixels = decode(new Uint8Array(pngOf(kind, { stream: damaged.subarray(0, roll(8) ? undefined : roll(99)) })));
      if (pixels) assert.equal(toRgba(pixels).length, 4 * kind.width * kind.height);
    }
  }
});

/** How many samples of each file Chromium decodes to something else. */
function differences(files) {
  const own = (encoded) => {
    const differencesOf = async (bytes) => {
      const decoder = new ImageDecoder({ data: bytes, type: "image/png", colorSpaceConversion: "none" });
      const { image } = await decoder.decode();
      const theirs = new Uint8Array(4 * image.displayWidth * image.displayHeight);
      await image.copyTo(theirs, { format: "RGBA" });
      const { data, width, channels, stride = width * channels } = globalThis.own.decodeSmallPng(bytes);
      const sampleOf = (x, y, c) => {
        const pixel = data.subarray(y * stride + x * channels);
        return c < channels ? pixel[c] : c < 3 ? pixel[0] : 255;
      };
      const isOther = (sample, i) => sample !== sampleOf((i >> 2) % width, Math.floor((i >> 2) / width), i & 3);
      return theirs.filter(isOther).length;
    };
    const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return Promise.all(encoded.map((text) => differencesOf(bytesOf(text))));
  };
  return page.evaluate(own, files.map((file) => file.toString("base64")));
}

test("Chromium decodes the same, whatever colours a profile asks for", async () => {
  const chunks = {
    gAMA: Buffer.from([0, 0, 0x60, 0]), sRGB: Buffer.from([0]), cHRM: Buffer.alloc(32, 9), pHYs: Buffer.alloc(9, 1),
    tEXt: Buffer.from("a\0b"),
  };
  const files = KINDS.flatMap(([colour, depth]) => {
    const kind = kindOf(colour, depth); // Chromium rounds colours that shine through
    for (let i = 3; colour === RGBA && i < kind.samples.length; i += 4) kind.samples[i] = 255;
    return Object.entries(chunks).map((extra) => pngOf(kind, { extra: [chunk(...extra), ...extraOf(kind)] }));
  });
  assert.deepEqual(await differences(files), files.map(() => 0));
});
