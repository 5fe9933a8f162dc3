import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The program of pages, which the build puts beside the bundled command line. */
export function pageScript(): string {
  return readFileSync(createRequire(import.meta.url).resolve("./cli.report.js"), "utf8");
}
