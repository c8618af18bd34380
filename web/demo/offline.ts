/** Starts the service worker, which keeps the page for offline use. */

import { at } from "./elements.js";

/** `isLoaded` resolves when the models are there; the reader keeps these itself. */
export async function keepOffline(isLoaded: Promise<unknown>): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("sw.js");
    await Promise.all([navigator.serviceWorker.ready, isLoaded]);
    at("offline").textContent = "It works offline, too.";
  } catch {
    // Without it the page does all it does, but needs the network.
  }
}
