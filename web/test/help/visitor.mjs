/** Someone who uses the page in Chromium: what they do, and what they see. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** Opens the page; `finish` fails where it logged an error or asked another host for something. */
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const visitor = new Visitor(await context.newPage(), url);
  await visitor.page.goto(url);
  return visitor;
}

class Visitor {
  constructor(page, url) {
    this.page = page;
    this.requests = [];
    this.problems = [];
    this.origin = new URL(url).origin;
    const context = page.context();
    context.on("request", (request) => this.requests.push(request.url()));
    page.on("console", (message) => message.type() === "error" && this.problems.push(message.text()));
    page.on("pageerror", (error) => this.problems.push(String(error)));
  }

  /** When nothing is loaded or read any more. */
  async settled() {
    await this.page.waitForFunction(() => document.getElementById("progress").hidden);
  }

  async choose(path) {
    await this.page.setInputFiles("#file", path);
    await this.settled();
  }

  async chooseBytes(name, mimeType, buffer) {
    await this.page.setInputFiles("#file", { name, mimeType, buffer });
    await this.settled();
  }

  async drop(path, type) {
    const data = (await readFile(path)).toString("base64");
    const transfer = await this.page.evaluateHandle(
      async ([bytes, name, kind]) => {
        const found = new DataTransfer();
        const file = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
        found.items.add(new File([file], name, { type: kind }));
        return found;
      },
      [data, basename(path), type],
    );
    await this.page.dispatchEvent("#intake", "drop", { dataTransfer: transfer });
    await this.settled();
  }

  /** A PNG, as a program copies it. */
  async copyPicture(path) {
    const data = (await readFile(path)).toString("base64");
    await this.page.evaluate(async (bytes) => {
      const file = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
      await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([file], { type: "image/png" }) })]);
    }, data);
  }

  async paste(path) {
    await this.copyPicture(path);
    await this.page.keyboard.press("Control+V");
    await this.settled();
  }

  text() {
    return this.page.evaluate(() => document.getElementById("text").textContent);
  }

  state() {
    return this.page.textContent("#state");
  }

  /** What is refused, where it is seen. */
  async refusal() {
    return (await this.page.isVisible("#wrong")) ? this.page.textContent("#wrong") : "";
  }

  clipboard() {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async save(id) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.page.click(id)]);
    return { name: download.suggestedFilename(), content: await readFile(await download.path(), "utf8") };
  }

  async finish({ mayFail = false, mayLeave = false } = {}) {
    const foreign = this.requests.filter((url) => !/^(blob|data):/.test(url) && new URL(url).origin !== this.origin);
    if (!mayLeave) assert.deepEqual(foreign, [], "requests to other hosts");
    if (!mayFail) assert.deepEqual(this.problems, [], "errors in the console");
    await this.page.context().close();
  }
}
