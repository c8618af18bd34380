/** Chromium for tests: the one of the system, or the one that CHROMIUM names. */

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** A host of this machine that is not served safely, as one of a local network. */
export const UNSAFE_HOST = "lan.test";

const OPTIONS = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", `--host-resolver-rules=MAP ${UNSAFE_HOST} 127.0.0.1`],
};

export function launch() {
  return chromium.launch(OPTIONS);
}

/** A context of the new headless mode, which alone has extensions. */
export async function launchExtension(folder) {
  const profile = await mkdtemp(join(tmpdir(), "bitocr-profile-"));
  const args = [...OPTIONS.args, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`];
  return chromium.launchPersistentContext(profile, { ...OPTIONS, headless: false, args: [...args, "--headless=new"] });
}
