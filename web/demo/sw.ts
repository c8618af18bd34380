/** Keeps the page's own files for offline use. The reader that fetches models keeps these. */

/** All files of the page, and a name that changes with them; set when the page is built. */
declare const SHELL: { version: string; files: string[] };

interface WorkerScope {
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  clients: { claim(): Promise<void> };
  registration: { scope: string };
}

interface ExtendableEvent {
  waitUntil(promise: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}

const worker = globalThis as unknown as WorkerScope;
const PREFIX = "bitocr-page-";
const own = new Set(SHELL.files.map((file) => new URL(file, worker.registration.scope).href));
const home = worker.registration.scope;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(PREFIX + SHELL.version).then((cache) => cache.addAll([home, ...own])));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOld().then(() => worker.clients.claim()));
});

/** The page itself comes from the network if possible, so that new versions are seen; its files never change. */
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split(/[?#]/)[0] as string;
  if (request.method !== "GET") return;
  if (url === home) event.respondWith(fetch(request).catch(() => kept(home)));
  else if (own.has(url)) event.respondWith(kept(url));
});

async function kept(url: string): Promise<Response> {
  const cache = await caches.open(PREFIX + SHELL.version);
  return (await cache.match(url)) ?? fetch(url);
}

async function forgetOld(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + SHELL.version);
  await Promise.all(old.map((name) => caches.delete(name)));
}
