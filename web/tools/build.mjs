/** `make web`: the npm package in dist/, the page in dist-demo/, and the page's files where `bitocr serve` finds them. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage } from "./package.mjs";
import { buildPage } from "./page.mjs";
import { ROOT, WEB } from "./paths.mjs";

/** The package has the version of the Python package. */
async function checkVersion() {
  const { version } = JSON.parse(await readFile(join(WEB, "package.json"), "utf8"));
  const python = await readFile(join(ROOT, "src/bitocr/__init__.py"), "utf8");
  const wanted = /__version__ = "(.*)"/.exec(python)?.[1];
  if (version !== wanted) throw new Error(`web/package.json has version ${version}, src/bitocr/__init__.py ${wanted}`);
}

await checkVersion();
await buildPackage();
await buildPage();
