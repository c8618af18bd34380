/** The page, as people use it. It lies in a folder of its host, as on any shared one. */

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createReader } from "bitocr";
import { launch, UNSAFE_HOST } from "./help/browser.mjs";
import { LINE, LINE_TEXT, PAGE, ROOT, WEB } from "./help/files.mjs";
import { serve } from "./help/server.mjs";
import { visit } from "./help/visitor.mjs";

const CHINESE = join(ROOT, "tests/data/lines/chinese-lines-00.png");

let browser, folder, server, url, expected;
before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "bitocr-page-"));
  await cp(join(WEB, "dist-demo"), join(folder, "ocr"), { recursive: true });
  server = await serve([folder]);
  url = `${server.url}ocr/`;
  const reader = await createReader();
  expected = { ...(await reader.read(PAGE)), path: "receipt.jpg" };
  reader.close();
});
after(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

test("a picture is chosen, its text is seen, copied and saved", async () => {
  const visitor = await visit(browser, url);
  await visitor.choose(PAGE);
  assert.equal(await visitor.text(), expected.text);
  assert.match(await visitor.state(), /^25 lines, read in [\d.]+ s\.$/);
  await visitor.page.click("#copy");
  await visitor.page.waitForFunction(() => document.getElementById("state").textContent === "Copied.");
  assert.equal(await visitor.clipboard(), expected.text);
  assert.deepEqual(await visitor.save("#save-text"), { name: "receipt.txt", content: `${expected.text}\n` });
  const { name, content } = await visitor.save("#save-json");
  assert.equal(name, "receipt.json");
  assert.deepEqual(JSON.parse(content), expected);
  await visitor.finish();
});

test("a picture is dropped, pasted, or is the example", async () => {
  const visitor = await visit(browser, url);
  await visitor.drop(PAGE, "image/jpeg");
  assert.equal(await visitor.text(), expected.text);
  await visitor.paste(LINE);
  assert.equal(await visitor.text(), LINE_TEXT);
  await visitor.page.reload();
  await visitor.page.click("#example");
  await visitor.page.waitForSelector("#result:not([hidden])");
  await visitor.settled();
  assert.equal(await visitor.text(), expected.text);
  await visitor.finish();
});

test("the text over the picture is where it is in the picture, and can be selected", async () => {
  const visitor = await visit(browser, url);
  await visitor.choose(PAGE);
  const image = await visitor.page.locator("#image").boundingBox();
  const boxOf = (text) => visitor.page.locator("#layer .word", { hasText: text }).first().boundingBox();
  const [{ quad }] = expected.blocks.flatMap((block) => block.lines).filter((line) => line.text.startsWith("SUBTOTAL"));
  const box = await boxOf("SUBTOTAL");
  assert.ok(Math.abs(box.x - image.x - (quad[0][0] * image.width) / expected.width) < 3);
  assert.ok(Math.abs(box.y - image.y - (Math.min(quad[0][1], quad[1][1]) * image.height) / expected.height) < 3);
  const [from, to] = [await boxOf("Sour"), await boxOf("3.90")];
  await visitor.page.mouse.move(from.x + 1, from.y + from.height / 2);
  await visitor.page.mouse.down();
  await visitor.page.mouse.move(to.x + to.width - 2, to.y + to.height / 2, { steps: 8 });
  await visitor.page.mouse.up();
  await visitor.page.keyboard.press("Control+C");
  const lines = expected.text.split("\n");
  const first = lines.findIndex((line) => line.startsWith("Sour"));
  assert.equal(await visitor.clipboard(), lines.slice(first, first + 2).join("\n"));
  await visitor.page.setViewportSize({ width: 900, height: 900 });
  await visitor.page.waitForTimeout(200);
  const [smaller, now] = [await visitor.page.locator("#image").boundingBox(), await boxOf("SUBTOTAL")];
  assert.ok(Math.abs(now.x - smaller.x - (quad[0][0] * smaller.width) / expected.width) < 3);
  await visitor.finish();
});

test("the keyboard does for all of it", async () => {
  const visitor = await visit(browser, url);
  const { keyboard } = visitor.page;
  const focused = () =>
    visitor.page.evaluate(
      () => document.activeElement.id || document.activeElement.value || document.activeElement.className,
    );
  const order = [];
  for (let i = 0; i < 4; i++) {
    await keyboard.press("Tab");
    order.push(await focused());
  }
  assert.deepEqual(order, ["skip", "english", "file", "example"]);
  await keyboard.press("Shift+Tab");
  const chooser = visitor.page.waitForEvent("filechooser");
  await keyboard.press("Space");
  await (await chooser).setFiles(PAGE);
  await visitor.settled();
  while ((await focused()) !== "copy") await keyboard.press("Tab");
  await keyboard.press("Enter");
  await visitor.page.waitForFunction(() => document.getElementById("state").textContent === "Copied.");
  assert.equal(await visitor.clipboard(), expected.text);
  while ((await focused()) !== "english") await keyboard.press("Shift+Tab");
  await keyboard.press("ArrowRight");
  await visitor.settled();
  assert.equal(await focused(), "english-tiny");
  assert.match(await visitor.text(), /SUBTOTAL\t18\.97/);
  await visitor.finish();
});

test("the language is switched, the picture is read again, and the choice is kept", async () => {
  const visitor = await visit(browser, url);
  await visitor.choose(CHINESE);
  assert.doesNotMatch(await visitor.text(), /[一-龥]/);
  await visitor.page.check('input[value="chinese"]');
  await visitor.settled();
  assert.match(await visitor.text(), /[一-龥]{3}/);
  await visitor.page.reload();
  assert.ok(await visitor.page.isChecked('input[value="chinese"]'));
  await visitor.settled();
  await visitor.finish();
});

test("what is no picture is refused in one line, and what was there stays", async () => {
  const visitor = await visit(browser, url);
  await visitor.choose(LINE);
  const cases = [
    ["notes.png", "image/png", Buffer.from("these are notes"), /^notes\.png: this browser cannot show it/],
    ["bill.pdf", "application/pdf", Buffer.from("%PDF-1.7"), /^bill\.pdf is a PDF file.*PNG or JPEG/],
    ["empty.jpg", "image/jpeg", Buffer.alloc(0), /^empty\.jpg is empty/],
  ];
  for (const [name, type, bytes, message] of cases) {
    await visitor.chooseBytes(name, type, bytes);
    assert.match(await visitor.refusal(), message);
    assert.equal(await visitor.text(), LINE_TEXT);
  }
  await visitor.page.evaluate(() => navigator.clipboard.writeText("only text"));
  await visitor.page.keyboard.press("Control+V");
  assert.match(await visitor.refusal(), /clipboard holds no picture/);
  await visitor.choose(PAGE);
  assert.equal(await visitor.refusal(), "");
  assert.equal(await visitor.text(), expected.text);
  await visitor.finish({ mayFail: true });
});

test("a picture without text says so", async () => {
  const visitor = await visit(browser, url);
  const blank = await visitor.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(200, 100);
    canvas.getContext("2d").fillRect(0, 0, 200, 100);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  await visitor.chooseBytes("blank.png", "image/png", Buffer.from(blank));
  assert.equal(await visitor.state(), "No text was found in this picture.");
  assert.ok(await visitor.page.isDisabled("#copy"));
  await visitor.finish();
});

test("a model that is missing is told of, and tried again", async () => {
  const models = join(folder, "ocr/models");
  await rename(join(models, "english.bit"), join(models, "away"));
  const visitor = await visit(browser, url);
  await visitor.page.waitForSelector("#wrong:not([hidden])");
  assert.match(await visitor.refusal(), /models\/english\.bit: HTTP 404/);
  await rename(join(models, "away"), join(models, "english.bit"));
  await visitor.choose(LINE);
  assert.equal(await visitor.text(), LINE_TEXT);
  assert.equal(await visitor.refusal(), "");
  await visitor.finish({ mayFail: true });
});

test("after the first visit it needs no network, and can be installed", async () => {
  const own = await serve([folder]);
  const visitor = await visit(browser, `${own.url}ocr/`);
  await visitor.page.waitForFunction(() => document.getElementById("offline").textContent);
  const session = await visitor.page.context().newCDPSession(visitor.page);
  const { errors, data } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.ok(manifest.name && manifest.icons.length && manifest.display === "standalone");
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  assert.deepEqual(
    installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"),
    [],
  );
  await own.close();
  await visitor.page.context().setOffline(true);
  await visitor.page.reload();
  await visitor.choose(PAGE);
  assert.equal(await visitor.text(), expected.text);
  await visitor.page.reload();
  await visitor.page.click("#example");
  await visitor.page.waitForSelector("#result:not([hidden])");
  await visitor.settled();
  assert.equal(await visitor.text(), expected.text);
  await visitor.page.check('input[value="chinese"]');
  await visitor.settled();
  assert.match(await visitor.refusal(), /models\/chinese\.bit: cannot be fetched/);
  await visitor.finish({ mayFail: true });
});

test("on a page that is not served safely it reads and copies", async () => {
  const visitor = await visit(browser, url.replace("127.0.0.1", UNSAFE_HOST));
  await visitor.choose(PAGE);
  assert.equal(await visitor.text(), expected.text);
  await visitor.page.click("#copy");
  await visitor.page.waitForFunction(() => document.getElementById("state").textContent === "Copied.");
  const safe = await visitor.page.context().newPage();
  await safe.goto(url);
  assert.equal(await safe.evaluate(() => navigator.clipboard.readText()), expected.text);
  await safe.close();
  await visitor.finish({ mayLeave: true });
});

test("its policy allows scripts and styles of its own folder alone", async () => {
  const html = await readFile(join(WEB, "dist-demo/index.html"), "utf8");
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)[1];
  assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:/);
  assert.doesNotMatch(html, /\sstyle=|\son\w+=|<style|https?:\/\//);
});
