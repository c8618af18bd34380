/** Paths in the repository. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const WEB = fileURLToPath(new URL("..", import.meta.url));
export const ROOT = join(WEB, "..");
export const MODELS = join(ROOT, "src/bitocr/models");
