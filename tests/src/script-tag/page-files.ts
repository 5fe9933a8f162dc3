import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);

/** A file of an installed part of TensorFlow.js. */
const tfjs = (part: string, file: string) =>
  readFileSync(join(dirname(resolve(`@tensorflow/${part}/package.json`)), "dist", file));

/** A script as it is shipped, which the set-up of the tests has built. */
const shipped = (file: string) =>
  readFileSync(new URL(`../../../packages/cli/dist/${file}`, import.meta.url));

/** The overlay as the address of a bookmark. */
export const BOOKMARKLET = String(shipped("opcounter.bookmarklet.txt"));

/** opcounter's scripts for a page. */
export const SHIPPED = {
  "opcounter.min.js": shipped("opcounter.min.js"),
  "opcounter.overlay.min.js": shipped("opcounter.overlay.min.js"),
};

/** The scripts of a page that loads TensorFlow.js by script tags. */
export const PAGE_FILES = {
  ...SHIPPED,
  // In contrast to the other, it runs under a content security policy without 'unsafe-eval'.
  "tf.es2017.min.js": tfjs("tfjs", "tf.es2017.min.js"),
  "tf.min.js": tfjs("tfjs", "tf.min.js"),
  "tf-backend-webgpu.min.js": tfjs("tfjs-backend-webgpu", "tf-backend-webgpu.min.js"),
};

const HTML = `<!doctype html>
<link rel="icon" href="data:,">
<script src="/report-errors.js"></script>
<script src="/tf.min.js"></script>
<script src="/tf-backend-webgpu.min.js"></script>
<script src="/opcounter.min.js"></script>
<script type="module" src="/page.js"></script>
`;

const REPORT_ERRORS = `
  const fail = (error) => fetch("/error", { method: "POST", body: String(error?.stack ?? error) });
  addEventListener("error", ({ error, message }) => fail(error ?? message));
  addEventListener("unhandledrejection", ({ reason }) => fail(reason));`;

/** A page that loads them, then the module `page.js`, and posts what goes wrong. */
export const TAGGED_FILES = {
  "index.html": HTML,
  "report-errors.js": REPORT_ERRORS,
  ...PAGE_FILES,
};
