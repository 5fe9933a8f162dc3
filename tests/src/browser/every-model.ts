// `npm run browser-models`: holds the graphs of `--device browser` to those of the virtual device, for
// every model of the zoo that a page has memory for, and the models that npm packages carry. It takes
// hours on SwiftShader. With names of models, it runs these alone.
import { spawnSync } from "node:child_process";
import { ZOO } from "../../../packages/cli/src/zoo/catalog.ts";
import { BUNDLE, ROOT } from "../command-line.ts";
import { locateChromium, SOFTWARE_FLAGS } from "./chromium.ts";

/** Models in packages, each with what its run needs. */
const PACKAGES: readonly (readonly string[])[] = [
  ["npm:@spotify/basic-pitch/model/model.json"],
  ["npm:@upscalerjs/esrgan-slim/models/x2/model.json", "--size", "64"],
  ["npm:@upscalerjs/esrgan-slim/models/x4/model.json", "--size", "64"],
  ["npm:handtrackjs/models/webmodel/ssd320fpnlite/base/model.json", "--size", "320"],
];

/** Their weights are of 3 and 6 GB. */
const TOO_LARGE: readonly string[] = ["gpt2_large", "gpt2_xl"];

/** Limits of SwiftShader that TensorFlow.js's shaders depend on. */
const LIMITS = "maxComputeWorkgroupSizeX=256,maxComputeInvocationsPerWorkgroup=256";

/** The longest that a model may take in the browser. */
const MOST_MS = 600_000;

const { program, environment } = locateChromium();
const browser = [
  `--device=browser:${program}`,
  ...["--no-sandbox", ...SOFTWARE_FLAGS].map((flag) => `--browser-flag=${flag}`),
];

/** A graph's ops as text; what is said where there is none. */
function opsOf(args: readonly string[]) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, "trace", ...args], {
    ...{ cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 30, timeout: MOST_MS },
    env: { ...process.env, ...environment },
  });
  const seconds = (performance.now() - started) / 1000;
  const ops = stdout.split("\n").filter((line) => /^ {2}%\d/.test(line));
  return { seconds, ops, failure: status === 0 ? undefined : stderr.trim().split("\n").at(-1) };
}

const wanted = process.argv.slice(2);
const zoo = Object.keys(ZOO).filter((name) => !TOO_LARGE.includes(name));
const targets = [...zoo.map((name) => [name]), ...PACKAGES];
for (const args of targets.filter(([name = ""]) => wanted.length === 0 || wanted.includes(name))) {
  const { ops, failure, seconds } = opsOf([...args, ...browser]);
  const expected = opsOf([...args, "--limits", LIMITS]).ops;
  const differing = expected.filter((line, i) => line !== ops[i]).length;
  const isSame = failure === undefined && differing === 0 && ops.length === expected.length;
  const verdict = isSame
    ? "the same"
    : (failure ?? `${differing} of ${expected.length} ops differ`);
  console.log(`${args[0]}: ${verdict}, ${ops.length} ops, ${seconds.toFixed(0)} s`);
  if (!isSame) process.exitCode = 1;
}
