// Draws the README's pictures of the report, by the browser that the tests run:
// `node --conditions=opcounter-source --import ./scripts/typescript.mjs tests/src/report/draw-pictures.ts`, when
// `npm run build` has run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { opcounter, temporaryFolder } from "../command-line.ts";
import { openReports } from "./report-page.ts";

const IMAGES = fileURLToPath(new URL("../../../docs/images", import.meta.url));

const PROFILE = ["profile", "resnet50"];
const COMPARE = ["compare", "resnet50", "resnet101"];

/** By the picture's name: what is drawn, the view's address and the colours. */
const PICTURES = {
  "report-light": { command: PROFILE, address: "", colorScheme: "light" },
  "report-dark": { command: PROFILE, address: "", colorScheme: "dark" },
  "report-op": { command: PROFILE, address: "#view=graph&op=42", colorScheme: "light" },
  "compare-light": { command: COMPARE, address: "", colorScheme: "light" },
  "compare-dark": { command: COMPARE, address: "", colorScheme: "dark" },
} as const;

const folder = temporaryFolder();
const reports = await openReports();
for (const [name, { command, address, colorScheme }] of Object.entries(PICTURES)) {
  const file = join(folder.path, `${name}.html`);
  opcounter([...command, "--format", "html", "-o", file]);
  const { page } = await reports.open(readFileSync(file, "utf8"), address);
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}
await reports.close();
folder.remove();
