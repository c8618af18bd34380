/** A server of static files for tests. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Serves `folders`, the first that has a file; `headers` go with each answer. Counts what was asked for. */
export async function serve(folders, headers = {}) {
  const paths = [];
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    paths.push(path);
    const name = path.endsWith("/") ? `${path}index.html` : path;
    const body = await firstOf(folders, name);
    response.writeHead(body ? 200 : 404, {
      "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
      ...headers,
    });
    response.end(body ?? "there is no such file");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${server.address().port}/`, paths, close };
}

async function firstOf(folders, name) {
  for (const folder of folders) {
    const body = await readFile(join(folder, name)).catch(() => undefined);
    if (body) return body;
  }
  return undefined;
}
