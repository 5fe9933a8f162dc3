// `npm run test:extension`: the extension in a full Chromium, since the headless shell that the other
// tests run loads none. It is the program that CHROMIUM names, an installed one, or Debian's, which
// this installs where it may.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { ensureBundled, ensureInstalled, program, root } from "./setup.mjs";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

ensureInstalled("everything");
await ensureBundled();
const CHROMIUM = process.env.CHROMIUM ?? installed() ?? installDebians();
const test = "tests/src/extension/extension.browser.ts";
const { status } = spawnSync(process.execPath, [program("mocha"), test], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, CHROMIUM },
});
process.exitCode = status ?? 1;

function installed() {
  return INSTALLED.find(existsSync);
}

/** Installs Debian's chromium by apt-get, which only root may. */
function installDebians() {
  if (process.getuid?.() !== 0) {
    return fail("no Chromium is installed, and only root may install one");
  }
  console.error("Installing Debian's chromium …");
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    const { status, error } = spawnSync("apt-get", args, {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0) return fail(`apt-get ${args[0]} failed${error ? `: ${error.message}` : ""}`);
  }
  return installed() ?? fail("apt-get installed no Chromium");
}

function fail(why) {
  console.error(`npm run test:extension: ${why}; name a Chromium in the variable CHROMIUM.`);
  process.exit(1);
}
