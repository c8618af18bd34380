// Runs page.ts in headless Chromium: node browser.mjs WORK IMAGES. Takes a call a line, as JSON [name, ...arguments],
// and answers each with a line: its result.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const [work, images] = process.argv.slice(2).map((folder) => path.resolve(folder));
const modules = path.join(work, "node_modules");
const require = createRequire(path.join(work, "package.json"));
const { chromium } = require("playwright-core");
const { buildSync } = require("esbuild");

const script = buildSync({
  entryPoints: [path.join(here, "page.ts")], bundle: true, write: false, format: "esm", nodePaths: [modules],
}).outputFiles[0].text;
const FOLDERS = {
  "/models/": path.join(root, "src/bitocr/models"),
  "/images/": images,
  "/tesseract/": path.join(modules, "tesseract.js/dist"),
  "/tesseract-core/": path.join(modules, "tesseract.js-core"),
  "/tessdata/": path.join(modules, "@tesseract.js-data/eng/4.0.0_best_int"),
  "/bitocr/": path.join(root, "web/dist"),
  "/": path.join(root, "web/engine"),
};
const TYPES = { ".wasm": "application/wasm", ".js": "text/javascript" };

const server = createServer(async (request, response) => {
  const name = decodeURIComponent(request.url);
  if (name === "/") return response.end('<!doctype html><script type="module" src="/page.js"></script>');
  response.setHeader("content-type", TYPES[path.extname(name)] ?? "application/octet-stream");
  if (name === "/page.js") return response.end(script);
  const folder = Object.keys(FOLDERS).find((start) => name.startsWith(start));
  const file = path.join(FOLDERS[folder], path.normalize(name.slice(folder.length)));
  response.end(await readFile(file).catch(() => (response.statusCode = 404, "")));
}).listen(0, "127.0.0.1");
await new Promise((done) => server.once("listening", done));

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
page.on("pageerror", (error) => console.error(String(error)));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => "bench" in globalThis);
console.log(JSON.stringify({ result: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  try {
    const result = await page.evaluate(([name, args]) => globalThis.bench[name](...args), [name, args]);
    console.log(JSON.stringify({ result: result ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
server.close();
