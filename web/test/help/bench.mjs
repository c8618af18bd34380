/** Pages in Chromium that have the package as `globalThis.bitocr`. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createReader } from "bitocr";
import { launch } from "./browser.mjs";
import { LINE, PAGE } from "./files.mjs";
import { project } from "./packed.mjs";
import { serve } from "./server.mjs";

export const HEAD = '<!doctype html><title>test</title><link rel="icon" href="data:,">';

/** A browser, and a project with the package; what its pages read is compared with what Node reads. */
export class Bench {
  static async open() {
    const bench = new Bench();
    [bench.packed, bench.browser] = await Promise.all([project(), launch()]);
    bench.pictures = {
      line: (await readFile(LINE)).toString("base64"),
      page: (await readFile(PAGE)).toString("base64"),
    };
    const reader = await createReader();
    bench.expected = { line: await reader.readLine(LINE), page: { ...(await reader.read(PAGE)), path: "receipt.jpg" } };
    reader.close();
    return bench;
  }

  get folder() {
    return this.packed.folder;
  }

  async close() {
    await this.browser.close();
    await this.packed.remove();
  }

  /** Writes NAME.html, which takes the package from a folder without a bundler. */
  async writePage(name, from) {
    const script = `import * as bitocr from "${from}index.js"; globalThis.bitocr = bitocr;`;
    await writeFile(join(this.folder, `${name}.html`), `${HEAD}<script type="module">${script}</script>`);
  }

  /** Opens a page, and collects what goes wrong in it. */
  async visit(url) {
    const page = await this.browser.newPage();
    const problems = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.addInitScript((data) => {
      globalThis.fileOf = async (name, type) => {
        const blob = await (await fetch(`data:${type};base64,${data[name]}`)).blob();
        return new File([blob], name === "page" ? "receipt.jpg" : "line.png", { type });
      };
    }, this.pictures);
    await page.goto(url);
    await page.waitForFunction(() => globalThis.bitocr).catch((error) => assert.fail(`${error}: ${problems}`));
    return { page, problems };
  }

  /** Reads both pictures in a page. */
  async check(url, options = {}) {
    const { page, problems } = await this.visit(url);
    const read = await page.evaluate(async (given) => {
      const reader = await bitocr.createReader(given);
      const line = await reader.readLine(await fileOf("line", "image/png"));
      const whole = await reader.read(await fileOf("page", "image/jpeg"));
      reader.close();
      return { line, page: whole };
    }, options);
    assert.deepEqual(read, this.expected);
    assert.deepEqual(problems, []);
    await page.close();
  }
}

export async function withServer(folders, headers, use) {
  const server = await serve(folders, headers);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}
