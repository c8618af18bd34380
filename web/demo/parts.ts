/** The lines of a page, with the separators between them in its text. */

import type { Page, PageLine } from "../src/index.js";

export interface Part {
  line: PageLine;
  /** The tab, or the one or two line feeds, between this line and the one before. */
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
