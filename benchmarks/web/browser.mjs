// Runs page.ts in headless Chromium: node browser.mjs WORK IMAGES. Takes a call a line, as JSON [name, ...arguments],
// and answers each with a line: its result, and the processor seconds that all of Chromium took for it.
import { readFile, readdir } from "node:fs/promises";
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

/** Processor seconds of a process and those that it started, as the system counts them. */
async function seconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  let ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  for (const thread of threads) {
    const children = await readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "");
    for (const child of children.split(" ").filter(Boolean)) ticks += 100 * (await seconds(child));
  }
  return ticks / 100;
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
page.on("pageerror", (error) => console.error(String(error)));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => "bench" in globalThis);
console.log(JSON.stringify({ result: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  const before = await seconds(process.pid);
  const own = process.cpuUsage();
  try {
    const result = await page.evaluate(([name, args]) => globalThis.bench[name](...args), [name, args]);
    const used = process.cpuUsage(own);
    const took = (await seconds(process.pid)) - before - (used.user + used.system) / 1e6;
    console.log(JSON.stringify({ result: result ?? null, seconds: took }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
server.close();
