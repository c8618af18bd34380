/** node visit.mjs URL: opens the page, reads its example, and prints the text. */

import { launch } from "./browser.mjs";
import { visit } from "./visitor.mjs";

const browser = await launch();
try {
  const visitor = await visit(browser, process.argv[2]);
  await visitor.page.click("#example");
  await visitor.page.waitForSelector("#result:not([hidden])");
  await visitor.settled();
  console.log(await visitor.text());
  await visitor.finish();
} finally {
  await browser.close();
}
