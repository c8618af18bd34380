/** Builds the npm package into dist/: scripts, types, the engine's modules and the English models. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { MODELS, ROOT, WEB } from "./paths.mjs";

/** The files that `make wasm` builds. */
export const MODULES = ["bitocr.wasm", "bitocr-simd.wasm", "bitocr-relaxed.wasm"];

const SHIPPED = ["page.bit", "english.bit", "english-tiny.bit", "english.ngram", "english.words"];
const DIST = join(WEB, "dist");

/** The size and SHA-256 of each file of the models, in the notation of `fetch`. */
export async function describeModels() {
  const files = {};
  for (const name of (await readdir(MODELS)).sort()) {
    const bytes = await readFile(join(MODELS, name));
    files[name] = { bytes: bytes.length, integrity: `sha256-${createHash("sha256").update(bytes).digest("base64")}` };
  }
  return files;
}

/** The esbuild options of every script. */
export async function scriptOptions() {
  return {
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
    define: { BITOCR_FILES: JSON.stringify(await describeModels()) },
  };
}

export async function buildPackage() {
  await rm(DIST, { recursive: true, force: true });
  const options = await scriptOptions();
  const entry = (...names) => names.map((name) => join(WEB, "src", `${name}.ts`));
  await build({ ...options, entryPoints: entry("index", "worker"), outdir: DIST, platform: "browser" });
  const packages = ["pngjs", "@jsquash/jpeg", "@jsquash/jpeg/*"];
  const forNode = { platform: "node", target: "node18", external: packages };
  await build({ ...options, ...forNode, entryPoints: entry("node", "node-worker"), outdir: DIST });
  execFileSync(process.execPath, [join(WEB, "node_modules/typescript/bin/tsc"), "-p", join(WEB, "tools/types.json")], {
    stdio: "inherit",
  });
  await copyFiles(join(DIST, "models"), MODELS, SHIPPED);
  await copyFiles(join(DIST, "engine"), join(WEB, "engine"), MODULES);
  await copyFiles(DIST, ROOT, ["LICENSE", "NOTICE"]);
}

export async function copyFiles(to, from, names) {
  await mkdir(to, { recursive: true });
  for (const name of names) await cp(join(from, name), join(to, name));
}
