/** The package as npm packs it, unpacked where a project has it. */

import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WEB } from "./files.mjs";

/** A project's folder with the package in node_modules. `remove` takes it away. */
export async function project() {
  const folder = await mkdtemp(join(tmpdir(), "bitocr-"));
  const [{ filename, files }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: WEB }),
  );
  const tarball = join(folder, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  await mkdir(join(folder, "node_modules"));
  await rename(join(folder, "package"), join(folder, "node_modules/bitocr"));
  const { size } = await stat(tarball);
  return { folder, size, files: files.map((file) => file.path), remove: () => rm(folder, { recursive: true }) };
}
