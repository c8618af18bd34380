/** The ways in for a picture: chosen, photographed, dropped, pasted. */

import { at } from "./elements.js";

/** Calls `take` with each file that comes, and `refuse` with why there is none. */
export function watchIntake(take: (file: File) => void, refuse: (reason: string) => void): void {
  for (const id of ["file", "camera"]) watchInput(at<HTMLInputElement>(id), take);
  watchDrop(take, refuse);
  document.addEventListener("paste", (event) => {
    const file = pictureOf(event.clipboardData);
    if (file) take(file);
    else refuse("The clipboard holds no picture. Copy one first, or take a screenshot into the clipboard.");
  });
}

function watchInput(input: HTMLInputElement, take: (file: File) => void): void {
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) take(file);
    input.value = ""; // so that the same file may be chosen again
  });
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
