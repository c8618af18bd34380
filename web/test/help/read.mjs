/** node read.mjs MODEL line|read FILE...: prints what is read in each, as JSON on a line. */

import { createReader } from "../../dist/node.js";

const [model, task, ...files] = process.argv.slice(2);
const models = new URL("../../../src/bitocr/models/", import.meta.url);
const reader = await createReader({ model, models });
for (const file of files) {
  const read = task === "line" ? reader.readLine(file) : reader.read(file);
  console.log(JSON.stringify(await read.catch((error) => ({ error: error.message }))));
}
reader.close();
