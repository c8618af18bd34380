/** The page's elements by id. */
export function at<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found as T;
}

export function show(id: string, isShown: boolean): void {
  at(id).hidden = !isShown;
}
