/** The text beside the picture. */

import type { Page, PageLine, Word } from "../src/index.js";
import { at, show } from "./elements.js";
import { partsOf } from "./parts.js";

const UNSURE = 0.6; // words of less confidence are marked

const SPACES = 2.2; // as wide as a letter
const WIDTH = 130; // of the text, in spaces

/** Returns the element of each line. */
export function showText(page: Page): HTMLElement[] {
  const parts = partsOf(page);
  const lines = parts.map(({ line }) => lineElement(line));
  at("text").replaceChildren(...parts.flatMap(({ before }, i) => [before, lines[i] as HTMLElement]));
  at("text").lang = page.model === "chinese" ? "zh" : "en";
  at("text").style.tabSize = String(tabSize(page.text));
  show("unsure", at("text").querySelector(".unsure") !== null);
  return lines;
}

/** The tab size of tables, in spaces, so that most cells fit and all columns fit the page. */
function tabSize(text: string): number {
  const rows = text.split("\n").filter((row) => row.includes("\t"));
  const columns = Math.max(2, ...rows.map((row) => row.split("\t").length));
  const longest = Math.max(0, ...rows.map((row) => widthOf(row.slice(0, row.indexOf("\t")))));
  return Math.min(Math.ceil(SPACES * longest) + 4, Math.floor(WIDTH / columns));
}

/** The width in letters; a hanzi is as wide as two. */
function widthOf(text: string): number {
  return text.length + (text.match(/[\u2e80-\uffef]/g)?.length ?? 0);
}

function lineElement(line: PageLine): HTMLElement {
  const element = document.createElement("span");
  element.className = "line";
  element.append(...line.words.flatMap((word, i) => [i ? " " : "", wordNode(word)]));
  return element;
}

function wordNode(word: Word): string | HTMLElement {
  if (word.confidence >= UNSURE) return word.text;
  const element = document.createElement("span");
  element.className = "unsure";
  element.textContent = word.text;
  return element;
}

/** Marks a line in both picture and text while you point at it in one of them. */
export function linkLines(inText: HTMLElement[], inPicture: HTMLElement[][]): void {
  inText.forEach((element, i) => {
    const all = [element, ...(inPicture[i] ?? [])];
    const mark = (isMarked: boolean) => () => all.forEach((one) => one.classList.toggle("marked", isMarked));
    for (const one of all) {
      one.addEventListener("pointerenter", mark(true));
      one.addEventListener("pointerleave", mark(false));
    }
  });
}
