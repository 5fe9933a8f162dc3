// Draws the README's pictures of the demo site, by the browser that the tests run:
// `node --conditions=opcounter-source --import ./scripts/typescript.mjs tests/src/demo/draw-pictures.ts`.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSite, reportOn } from "./site.ts";

const IMAGES = fileURLToPath(new URL("../../../docs/images", import.meta.url));

const site = await openSite();
for (const colorScheme of ["light", "dark"] as const) {
  const { page } = await site.open("?model=mobilenet_v2");
  await page.emulateMedia({ colorScheme });
  await reportOn(page);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(IMAGES, `demo-${colorScheme}.png`) });
}
await site.close();
