/** The ways in for a picture: chosen, photographed, dropped, pasted. */

import { at } from "./elements.js";

const NOTHING_COPIED = "The clipboard holds no picture. Copy one first, or take a screenshot into the clipboard.";

/** Calls `take` with each file, or `refuse` with the reason why there is none. */
export function watchIntake(take: (file: File) => void, refuse: (reason: string) => void): void {
  for (const id of ["file", "camera"]) watchInput(at<HTMLInputElement>(id), take);
  watchDrop(take, refuse);
  watchPaste(take, refuse);
}

function watchInput(input: HTMLInputElement, take: (file: File) => void): void {
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) take(file);
    input.value = ""; // so that the same file may be chosen again
  });
}

/** By its keys, and where there are none by a button. */
function watchPaste(take: (file: File) => void, refuse: (reason: string) => void): void {
  const takeOrRefuse = (file: File | undefined): void => (file ? take(file) : refuse(NOTHING_COPIED));
  document.addEventListener("paste", (event) => takeOrRefuse(pictureOf(event.clipboardData)));
  if (!navigator.clipboard?.read || !matchMedia("(pointer: coarse)").matches) return;
  at("paste").hidden = false;
  at("paste").addEventListener("click", () => void copiedPicture().then(takeOrRefuse));
}

/** Undefined if there is none, or if the browser or its user does not give access. */
async function copiedPicture(): Promise<File | undefined> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((one) => one.startsWith("image/"));
      if (type) return new File([await item.getType(type)], `pasted.${type.slice(6)}`, { type });
    }
  } catch {
    return undefined;
  }
  return undefined;
}

function watchDrop(take: (file: File) => void, refuse: (reason: string) => void): void {
  const mark = (isDragged: boolean): void => void document.body.classList.toggle("is-dragged", isDragged);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const file = pictureOf(event.dataTransfer);
    if (file) take(file);
    else refuse("What was dropped is not a file. Save the picture first, then drop its file here.");
  });
}

function pictureOf(data: DataTransfer | null): File | undefined {
  const files = [...(data?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0];
}
