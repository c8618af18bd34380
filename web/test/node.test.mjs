/** Reading in Node: what is taken for a picture, what is refused, and how readers end. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { BitocrError, createReader } from "bitocr";
import { LINE, LINE_TEXT, PAGE } from "./help/files.mjs";
import { pixelsOf, turnedJpeg, turnedPng } from "./help/pictures.mjs";

let reader;
before(async () => {
  reader = await createReader();
});
after(() => reader.close());

test("a picture may be a path, a URL, bytes, a blob or pixels", async () => {
  const bytes = await readFile(LINE);
  const { buffer } = new Uint8Array(bytes);
  const pixels = await pixelsOf(LINE);
  const gray = pixels.data.filter((_, i) => i % 4 === 0);
  const forms = [
    LINE,
    pathToFileURL(LINE),
    bytes,
    buffer,
    new Blob([bytes]),
    pixels,
    { ...pixels, data: gray, channels: 1 },
  ];
  const lines = await Promise.all(forms.map((form) => reader.readLine(form)));
  for (const line of lines) assert.deepEqual(line, lines[0]);
  assert.equal(lines[0].text, LINE_TEXT);
  assert.equal(bytes.length, (await readFile(LINE)).length, "what was given is still the caller's");
  assert.equal(buffer.byteLength, bytes.length);
});

test("a page has blocks of lines of words of characters", async () => {
  const page = await reader.read(PAGE);
  assert.match(page.text, /^GREEN VALLEY\n.*\nSUBTOTAL\t18\.97\n/s);
  assert.deepEqual([page.schema, page.path, page.width, page.height, page.model], [1, PAGE, 600, 800, "english"]);
  const lines = page.blocks.flatMap((block) => block.lines);
  assert.ok(lines.every((line) => line.words.map((word) => word.text).join(" ") === line.text));
  const found = await reader.find(PAGE);
  assert.ok(found.blocks.flatMap((block) => block.lines).every((line) => line.text === "" && line.confidence > 0));
});

for (let orientation = 1; orientation <= 8; orientation++) {
  test(`EXIF orientation ${orientation} is obeyed`, async () => {
    const pixels = await pixelsOf(LINE);
    assert.deepEqual(await reader.readLine(turnedPng(pixels, orientation)), await reader.readLine(LINE));
  });
}

test("a photo of a camera that was turned has its boxes in the picture as it is seen", async () => {
  const page = await reader.read(turnedJpeg(await readFile(PAGE), 6));
  assert.deepEqual([page.width, page.height], [800, 600]);
  assert.match(page.text, /SUBTOTAL\t18\.97/);
});

const REFUSED = {
  "no such file": ["/nowhere/a.png", "image", "/nowhere/a.png: no such file"],
  "a folder": ["/", "image", "/: a folder, not a picture"],
  "a web address": ["https://example.org/a.png", "image", "an address, not a picture"],
  "a data URL": ["data:image/png;base64,AAAA", "image", "decode it, and give its bytes"],
  "an empty file": [new Uint8Array(0), "image", "empty"],
  "no picture": [Buffer.from("hello, this is text and no picture"), "image", "not a PNG or JPEG picture"],
  "a number": [7, "usage", "a picture is a path, Buffer"],
  nothing: [undefined, "usage", "not undefined"],
  "too few pixels": [{ data: new Uint8Array(10), width: 10, height: 10 }, "usage", "10 bytes"],
  "no pixels": [{ data: new Uint8Array(0), width: 0, height: 10 }, "image", "no pixels in it (0 x 10)"],
};

for (const [name, [source, code, message]] of Object.entries(REFUSED)) {
  test(`${name} is refused in one line`, async () => {
    await assert.rejects(reader.read(source), (error) => {
      assert.ok(error instanceof BitocrError);
      assert.equal(error.code, code);
      assert.ok(error.message.includes(message), error.message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

test("damaged pictures are refused, and the next one is read", async () => {
  for (const path of [LINE, PAGE]) {
    const bytes = await readFile(path);
    await assert.rejects(reader.read(bytes.subarray(0, bytes.length / 2)), { code: "image" });
  }
  assert.equal((await reader.readLine(LINE)).text, LINE_TEXT);
});

test("pictures of too many pixels are refused before they are decoded", async () => {
  const bytes = await readFile(LINE);
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  await assert.rejects(reader.read(bytes), {
    code: "image",
    message: /too large: 60000 x 60000, more than 40,000,000/,
  });
  const small = await createReader({ detector: null, maxPixels: 100, workers: 0 });
  await assert.rejects(small.readLine(LINE), { message: /more than 100 pixels/ });
  await assert.rejects(small.read({ data: new Uint8Array(40), width: 10, height: 1 }), { message: /detector/ });
});

test("a constraint holds for a reader, and for one call in its place", async () => {
  const digits = await createReader({ allow: "0-9", detector: null, workers: 0 });
  assert.match((await digits.readLine(LINE)).text, /^\d*$/);
  assert.match((await digits.readLine(LINE, { pattern: "L+ L+" })).text, /^[A-Za-z]+ [A-Za-z]+$/);
  assert.match((await digits.readLine(LINE)).text, /^\d*$/);
  await assert.rejects(digits.readLine(LINE, { pattern: "D{" }), { code: "usage" });
  await assert.rejects(digits.readLine(LINE, { check: "isbn" }), { code: "usage" });
  await assert.rejects(digits.readLine(LINE, { allow: 7 }), { code: "usage", message: "allow is a string, not 7" });
});

test("a reader without a worker reads the same, and several workers do", async () => {
  for (const workers of [0, 3]) {
    const other = await createReader({ workers });
    const lines = await Promise.all(Array.from({ length: 7 }, () => other.readLine(LINE)));
    assert.deepEqual(new Set(lines.map((line) => line.text)), new Set([LINE_TEXT]));
    assert.deepEqual(await other.read(PAGE), await reader.read(PAGE));
    other.close();
  }
});

test("a signal ends waiting and reading, and nothing else", async () => {
  const abort = new AbortController();
  const first = reader.read(PAGE);
  const second = reader.read(PAGE, { signal: abort.signal });
  const third = reader.readLine(LINE);
  abort.abort(new Error("no longer wanted"));
  await assert.rejects(second, { message: "no longer wanted" });
  assert.equal((await third).text, LINE_TEXT);
  assert.match((await first).text, /TOTAL/);
  await assert.rejects(reader.read(PAGE, { signal: AbortSignal.abort() }), { name: "AbortError" });
  await assert.rejects(createReader({ signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("a closed reader refuses, and what it was reading is rejected", async () => {
  const other = await createReader();
  const reading = other.read(PAGE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  other.close();
  await assert.rejects(reading, { code: "usage", message: /closed/ });
  await assert.rejects(other.read(PAGE), { code: "usage", message: "the reader is closed" });
  other.close();
});
