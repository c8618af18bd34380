/** Files of the repository that tests read. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const WEB = fileURLToPath(new URL("../..", import.meta.url));
export const ROOT = join(WEB, "..");
export const LINE = join(ROOT, "tests/data/lines/lines-00.png");
export const LINE_TEXT = "TAX INVOICE";
export const PAGE = join(ROOT, "examples/receipt.jpg");
export const MODELS = join(ROOT, "src/bitocr/models");
