/** Builds the page into dist-demo/, a folder that any server can host. */

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { copyFiles, describeModels, MODULES, scriptOptions } from "./package.mjs";
import { MODELS, ROOT, WEB } from "./paths.mjs";

const DEMO = join(WEB, "demo");
const OUT = join(WEB, "dist-demo");
const ENGLISH = ["page.bit", "english.bit", "english.ngram", "english.words"];
/** The folder from which `bitocr serve` shows it. The package already has the models. */
const SERVED = join(ROOT, "src/bitocr/serve/page");

export async function buildPage() {
  await rm(OUT, { recursive: true, force: true });
  const options = await scriptOptions();
  const assets = `assets-${await version(options)}`;
  const define = { ...options.define, ASSETS: JSON.stringify(assets) };
  const folder = join(OUT, assets);
  await build({
    ...options,
    define,
    entryPoints: [join(DEMO, "app.ts"), join(WEB, "src/worker.ts")],
    outdir: folder,
    entryNames: "[name]",
  });
  await build({ ...options, entryPoints: [join(DEMO, "style.css")], outdir: folder });
  await copyFiles(join(folder, "engine"), join(WEB, "engine"), MODULES);
  await copyFiles(OUT, DEMO, ["icon.svg", "manifest.webmanifest"]);
  await cp(join(ROOT, "examples/receipt.jpg"), join(OUT, "example.jpg"));
  const html = await readFile(join(DEMO, "index.html"), "utf8");
  await writeFile(
    join(OUT, "index.html"),
    html.replaceAll("ASSETS/", `${assets}/`).replace("SIZE", await megabytes(folder)),
  );
  await buildServiceWorker(options, assets);
  await rm(SERVED, { recursive: true, force: true });
  await cp(OUT, SERVED, { recursive: true });
  await writeFile(join(SERVED, "models.json"), JSON.stringify(await describeModels()));
  await copyFiles(join(OUT, "models"), MODELS, (await readdir(MODELS)).sort());
}

async function buildServiceWorker(options, assets) {
  const files = ["icon.svg", "manifest.webmanifest", "example.jpg"];
  for (const name of ["app.js", "worker.js", "style.css", ...MODULES.map((name) => `engine/${name}`)])
    files.push(`${assets}/${name}`);
  const define = { SHELL: JSON.stringify({ version: assets.split("-").pop(), files }) };
  await mkdir(OUT, { recursive: true });
  await build({ ...options, format: "iife", define, entryPoints: [join(DEMO, "sw.ts")], outfile: join(OUT, "sw.js") });
}

/** The files for English: scripts, the module, models. */
async function megabytes(folder) {
  const scripts = ["app.js", "worker.js", "style.css", "engine/bitocr-simd.wasm"].map((name) => join(folder, name));
  const models = ENGLISH.map((name) => join(MODELS, name));
  const sizes = await Promise.all([...scripts, ...models].map(async (path) => (await stat(path)).size));
  return (sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(1);
}

/** A version that changes with any file in the folder of assets. */
async function version(options) {
  const hash = createHash("sha256").update(JSON.stringify(options.define));
  for (const folder of [DEMO, join(WEB, "src"), join(WEB, "engine")]) {
    for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).sort(byPath)) {
      if (entry.isFile()) hash.update(await readFile(join(entry.parentPath, entry.name)));
    }
  }
  return hash.digest("hex").slice(0, 10);
}

function byPath(a, b) {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}
