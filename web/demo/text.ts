/** The text beside the picture. */

import type { Page, PageLine, Word } from "../src/index.js";
import { at, show } from "./elements.js";
import { partsOf } from "./parts.js";

const UNSURE = 0.6; // words of less confidence are marked

/** Returns the element of each line. */
export function showText(page: Page): HTMLElement[] {
  const parts = partsOf(page);
  const lines = parts.map(({ line }) => lineElement(line));
  at("text").replaceChildren(...parts.flatMap(({ before }, i) => [before, lines[i] as HTMLElement]));
  at("text").lang = page.model === "chinese" ? "zh" : "en";
  show("unsure", at("text").querySelector(".unsure") !== null);
  return lines;
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

/** A line that is pointed at, in the picture or in the text, is marked in both. */
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
