// Draws the README's picture from what the command line prints: `node scripts/picture.mjs`.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, ensureBundled, ensureInstalled, root } from "./setup.mjs";

const COMMAND = ["profile", "densenet121"];
const LINE = 18;
const CHARACTER = 7.8;
const MARGIN = 20;

ensureInstalled("running");
await ensureBundled();
const output = execFileSync(process.execPath, [bundle, ...COMMAND], {
  encoding: "utf8",
  env: { ...process.env, COLUMNS: "100", LC_ALL: "C.UTF-8", TERM: "xterm" },
});
const lines = [`$ opcounter ${COMMAND.join(" ")}`, ...output.trimEnd().split("\n")];
const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * CHARACTER + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;

const escapeXml = (text) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
const drawn = lines.map((line, i) => {
  const style = i === 0 || line.startsWith("scope ") ? ' class="dim"' : "";
  return `<text x="${MARGIN}" y="${MARGIN + (i + 0.8) * LINE}"${style}>${escapeXml(line)}</text>`;
});
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="opcounter ${COMMAND.join(" ")}">
<style>
  rect { fill: #f6f8fa; } text { fill: #1f2328; font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; } .dim { fill: #6e7781; }
  @media (prefers-color-scheme: dark) { rect { fill: #161b22; } text { fill: #e6edf3; } .dim { fill: #8b949e; } }
</style>
<rect width="100%" height="100%" rx="8"/>
${drawn.join("\n")}
</svg>
`;
mkdirSync(join(root, "docs/images"), { recursive: true });
writeFileSync(join(root, "docs/images/profile.svg"), svg);
