// Calls the engine in WebAssembly: node wasm_calls.mjs ENGINE.mjs MODULE.wasm < calls.json > results.json
// calls.json: { files: { model: path, ... }, options, calls: [{ method, image: { file, ... }, options }] }
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [engineFile, moduleFile] = process.argv.slice(2);
const { Engine, moduleFile: bestModule } = await import(pathToFileURL(engineFile).href);
const { files, options, calls } = JSON.parse(readFileSync(0, "utf8"));

/** What a call gives, or the error that it raises. */
function result(call) {
  try {
    return call();
  } catch (error) {
    return { error: error.name, code: error.code, message: error.message };
  }
}

const engine = await Engine.create(readFileSync(moduleFile));
const bytes = Object.fromEntries(Object.entries(files).map(([name, path]) => [name, readFileSync(path)]));
const opened = result(() => engine.open(bytes, options));
const results = opened.error ? [] : calls.map(({ method, image, options, times = 1 }) => {
  const pixels = { ...image, data: image.file ? new Uint8Array(readFileSync(image.file)) : new Uint8Array(image.bytes) };
  let last;
  for (let i = 0; i < times; i++) last = result(() => opened[method](pixels, options));
  return { ...last, memory: engine.memoryBytes };
});
const { kernel, languages, languageModel } = opened;
const reader = opened.error ? opened : { kernel, languages, languageModel };
process.stdout.write(JSON.stringify({ version: engine.version, best: bestModule(), reader, results }));
