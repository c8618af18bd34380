/** Copies the text to the clipboard, and saves it to files. */

export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyOld(text);
}

/** For pages without HTTPS, which have no clipboard. */
function copyOld(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("not copied");
}

/** Saves a file with the picture's name and another ending. */
export function save(picture: string, ending: string, type: string, content: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = picture.replace(/\.[^.]*$/, "") + ending;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
