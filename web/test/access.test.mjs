/** The page for everybody: with a screen reader, on a phone, in light and dark colours. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import axe from "axe-core";
import { launch } from "./help/browser.mjs";
import { LINE, LINE_TEXT, PAGE, WEB } from "./help/files.mjs";
import { serve } from "./help/server.mjs";
import { visit } from "./help/visitor.mjs";

let browser, server, url;
before(async () => {
  browser = await launch();
  server = await serve([join(WEB, "dist-demo")]);
  url = server.url;
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

for (const [name, options] of Object.entries({ desktop: {}, phone: PHONE })) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing on a ${name} in ${colorScheme} colours`, async () => {
      const visitor = await visit(browser, url, { ...options, colorScheme });
      const check = async () => {
        await visitor.page.evaluate(axe.source);
        const { violations } = await visitor.page.evaluate(() => axe.run());
        assert.deepEqual(
          violations.map(({ id, impact, nodes }) => [id, impact, nodes.map((node) => node.html)]),
          [],
        );
      };
      await visitor.settled();
      await check();
      await visitor.chooseBytes("empty.jpg", "image/jpeg", Buffer.alloc(0));
      await check();
      await visitor.choose(PAGE);
      await check();
      await visitor.finish();
    });
  }
}

test("a phone offers its camera and a button to paste, and nothing is wider than it or too small for a finger", async () => {
  for (const width of [320, 390]) {
    const visitor = await visit(browser, url, { ...PHONE, viewport: { width, height: 700 } });
    assert.ok(await visitor.page.isVisible("label.camera"));
    assert.equal(await visitor.page.getAttribute("#camera", "capture"), "environment");
    await visitor.page.setInputFiles("#camera", PAGE);
    await visitor.settled();
    assert.match(await visitor.text(), /^GREEN VALLEY\n/);
    await visitor.copyPicture(LINE);
    await visitor.page.tap("#paste");
    await visitor.page.waitForFunction((text) => document.getElementById("text").textContent === text, LINE_TEXT);
    assert.equal(await visitor.page.evaluate(() => document.documentElement.scrollWidth), width);
    for (const button of await visitor.page.locator(".button:visible").all()) {
      assert.ok((await button.boundingBox()).height >= 44);
    }
    await visitor.finish();
  }
});

test("a screen reader is told what goes on, and what the picture is", async () => {
  const visitor = await visit(browser, url);
  await visitor.choose(PAGE);
  const tree = await visitor.page.locator("body").ariaSnapshot();
  for (const part of [
    'heading "bitocr"',
    'group "Language of the text"',
    "status: 25 lines",
    'img "The picture receipt.jpg"',
    'button "Copy all"',
    'region "Text"',
  ]) {
    assert.ok(tree.includes(part), `${part} in ${tree}`);
  }
  await visitor.finish();
});
