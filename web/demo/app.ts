/** The page: it takes a picture, and shows its text over it and beside it. */

import { BitocrError, type Page, type Progress } from "../src/index.js";
import { at, show } from "./elements.js";
import { watchIntake } from "./intake.js";
import { readerFor } from "./model.js";
import { keepOffline } from "./offline.js";
import { clearOverlay, showOverlay, watchSize } from "./overlay.js";
import { copy, save } from "./save.js";
import { linkLines, showText } from "./text.js";

interface State {
  file: File | undefined;
  page: Page | undefined;
  /** Counters of pictures and readings, so that a late one does not replace a newer one. */
  intakes: number;
  turn: number;
  /** How many operations are running. */
  works: number;
}

const state: State = { file: undefined, page: undefined, intakes: 0, turn: 0, works: 0 };
const STORED = "bitocr-model";

function chosenModel(): string {
  const chosen = document.querySelector<HTMLInputElement>("#languages input:checked");
  return chosen?.value ?? "english";
}

/** Screen readers say it; the same once more would be said once more. */
function say(text: string): void {
  if (at("state").textContent !== text) at("state").textContent = text;
}

function refuse(reason: string): void {
  at("wrong").textContent = reason;
  show("wrong", reason !== "");
}

function showProgress({ loaded, total }: Progress): void {
  const bar = at<HTMLProgressElement>("progress");
  bar.max = total;
  bar.value = loaded;
  say(`Loading the model, ${(total / 1e6).toFixed(1)} MB …`);
}

/** Runs `work` and shows that something runs. The progress is unknown until the first bytes arrive. */
async function busily(work: () => Promise<void>): Promise<void> {
  state.works++;
  at<HTMLProgressElement>("progress").removeAttribute("value");
  showBusy();
  try {
    await work();
  } finally {
    state.works--;
    showBusy();
  }
}

function showBusy(): void {
  const isBusy = state.works > 0;
  document.body.classList.toggle("is-busy", isBusy);
  show("progress", isBusy);
  for (const id of ["copy", "save-text", "save-json"]) at<HTMLButtonElement>(id).disabled = isBusy || !state.page?.text;
}

/** Replaces the picture once the browser has decoded the new one. */
async function take(file: File): Promise<void> {
  const intake = ++state.intakes;
  refuse(refusal(file) ?? "");
  if (refusal(file)) return;
  await busily(async () => {
    const image = await decoded(file);
    if (intake !== state.intakes) return;
    if (!image) return refuse(`${file.name}: this browser cannot show it. Is it a picture, and whole?`);
    showPicture(image);
    state.file = file;
    await read();
  });
}

function refusal(file: File): string | undefined {
  if (file.type === "application/pdf") {
    return `${file.name} is a PDF file, and pictures are read here. Save its pages as PNG or JPEG, or take a screenshot.`;
  }
  return file.size === 0 ? `${file.name} is empty.` : undefined;
}

async function decoded(file: File): Promise<HTMLImageElement | undefined> {
  const image = new Image();
  image.id = "image";
  image.alt = `The picture ${file.name}`;
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return image;
  } catch {
    URL.revokeObjectURL(image.src);
    return undefined;
  }
}

function showPicture(image: HTMLImageElement): void {
  URL.revokeObjectURL(at<HTMLImageElement>("image").src);
  clearOverlay();
  at("image").replaceWith(image);
  watchSize();
  at("text").replaceChildren();
  show("unsure", false);
  show("result", true);
  at("choose").textContent = "Another picture";
  document.body.classList.add("has-picture");
}

/** Reads the picture with the chosen model, unless another picture comes meanwhile. */
async function read(): Promise<void> {
  const { file } = state;
  const turn = ++state.turn;
  if (!file) return;
  state.page = undefined;
  refuse("");
  try {
    const reader = await load();
    if (turn !== state.turn) return;
    say("Reading …");
    at<HTMLProgressElement>("progress").removeAttribute("value");
    const begun = performance.now();
    const page = await reader.read(file);
    if (turn === state.turn) showPage(page, performance.now() - begun);
  } catch (error) {
    if (turn === state.turn) fail(error);
  }
}

function load() {
  say("Loading the model …");
  return readerFor(chosenModel(), showProgress);
}

function showPage(page: Page, milliseconds: number): void {
  state.page = page;
  linkLines(showText(page), showOverlay(page));
  const count = page.blocks.reduce((sum, block) => sum + block.lines.length, 0);
  const seconds = (milliseconds / 1000).toFixed(milliseconds < 950 ? 2 : 1);
  say(
    count ? `${count} ${count === 1 ? "line" : "lines"}, read in ${seconds} s.` : "No text was found in this picture.",
  );
}

function fail(error: unknown): void {
  say("");
  refuse(error instanceof BitocrError ? capital(error.message) : `It could not be read (${String(error)}).`);
}

function capital(text: string): string {
  return text.startsWith("http") ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

async function copyAll(): Promise<void> {
  try {
    await copy(state.page?.text ?? "");
    say("Copied.");
  } catch {
    refuse("The browser does not let this page copy. Select the text and copy it yourself.");
  }
}

function savePage(ending: string, type: string, content: (page: Page) => string): void {
  if (state.page) save(state.page.path, ending, type, content(state.page));
}

async function takeExample(): Promise<void> {
  const response = await fetch("example.jpg").catch(() => undefined);
  if (!response?.ok) return refuse("The example cannot be loaded. Is there a network?");
  await take(new File([await response.blob()], "receipt.jpg", { type: "image/jpeg" }));
}

function watchLanguages(): void {
  const kept = localStorage.getItem(STORED);
  const input = document.querySelector<HTMLInputElement>(`#languages input[value="${kept}"]`);
  if (input) input.checked = true;
  at("languages").addEventListener("change", () => {
    localStorage.setItem(STORED, chosenModel());
    void (state.file ? busily(read) : preload());
  });
}

/** The model comes while the picture is looked for. */
async function preload(): Promise<void> {
  const turn = ++state.turn;
  await busily(async () => {
    try {
      await load();
      if (turn === state.turn) say("");
    } catch (error) {
      if (turn === state.turn) fail(error);
    }
  });
}

watchLanguages();
watchIntake((file) => void take(file), refuse);
at("copy").addEventListener("click", () => void copyAll());
at("save-text").addEventListener("click", () => savePage(".txt", "text/plain", (page) => `${page.text}\n`));
at("save-json").addEventListener("click", () =>
  savePage(".json", "application/json", (page) => `${JSON.stringify(page)}\n`),
);
at("example").addEventListener("click", () => void takeExample());
void keepOffline(preload());
