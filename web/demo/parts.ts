/** The lines of a page with what stands between them in its text. */

import type { Page, PageLine } from "../src/index.js";

export interface Part {
  line: PageLine;
  /** A tab, a line feed or two, which part it from the line before. */
  before: string;
}

export function partsOf(page: Page): Part[] {
  let end = 0;
  return page.blocks
    .flatMap((block) => block.lines)
    .map((line) => {
      const start = page.text.indexOf(line.text, end);
      const before = page.text.slice(end, start);
      end = start + line.text.length;
      return { line, before };
    });
}
