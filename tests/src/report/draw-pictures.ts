// Draws the README's pictures of the report, by the browser that the tests run:
// `node --conditions=opcounter-source --import tsx tests/src/report/draw-pictures.ts`, when
// `npm run build` has run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { opcounter, temporaryFolder } from "../command-line.ts";
import { openReports } from "./report-page.ts";

const IMAGES = fileURLToPath(new URL("../../../docs/images", import.meta.url));

/** By the picture's name: the view's address and the colours. */
const PICTURES = {
  "report-light": { address: "", colorScheme: "light" },
  "report-dark": { address: "", colorScheme: "dark" },
  "report-op": { address: "#view=graph&op=42", colorScheme: "light" },
} as const;

const folder = temporaryFolder();
const file = join(folder.path, "resnet50.html");
opcounter(["profile", "resnet50", "--format", "html", "-o", file]);
const html = readFileSync(file, "utf8");
const reports = await openReports();
for (const [name, { address, colorScheme }] of Object.entries(PICTURES)) {
  const { page } = await reports.open(html, address);
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}
await reports.close();
folder.remove();
