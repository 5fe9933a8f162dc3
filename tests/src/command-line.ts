import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type RunOutcome, startWarm } from "./warm/run-warm.ts";

/** The command line, which the set-up of the tests bundles from the sources as they are. */
export const BUNDLE = fileURLToPath(new URL("../../packages/cli/dist/cli.cjs", import.meta.url));
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  /** Without the lines of `progress`. */
  readonly stderr: string;
  /** What the command line says on stderr while something takes long: "Running alexnet … …". */
  readonly progress: string;
}

type Environment = Readonly<Record<string, string>>;

/** Runs the bundled command line as a person would, in a folder, with its output in pipes. */
export function opcounterProcess(
  args: readonly string[],
  cwd = ROOT,
  environment: Environment = {},
): Outcome {
  return outcomeOf(
    spawnSync(process.execPath, [BUNDLE, ...args], {
      cwd,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: { ...process.env, COLUMNS: "", ...environment },
    }),
  );
}

let runWarm: ReturnType<typeof startWarm> | undefined;

/**
 * Whether a run ends the process that stays: a program that is recorded, and a package of a backend,
 * leave things there. A process of its own has the compiled code that an earlier one kept.
 */
function endsProcess([command = "", ...options]: readonly string[]): boolean {
  return command === "record" || options.includes("software");
}

/**
 * The same in a process that other runs have started and left as it was, which takes less time; where
 * a run would end that, in one of its own.
 */
export function opcounter(
  args: readonly string[],
  cwd = ROOT,
  environment: Environment = {},
): Outcome {
  if (endsProcess(args)) return opcounterProcess(args, cwd, environment);
  runWarm ??= startWarm(BUNDLE);
  return outcomeOf(runWarm({ args, cwd, env: { ...process.env, COLUMNS: "", ...environment } }));
}

function outcomeOf({ status, stdout, stderr }: RunOutcome): Outcome {
  // Whether it shows depends on how busy the machine is.
  const progress = /^(?:Running|Reading) .* …\n/gm;
  return {
    status,
    stdout,
    stderr: stderr.replace(progress, ""),
    progress: stderr.match(progress)?.join("") ?? "",
  };
}

/** Checks that a run ended with status 2 and one sentence on stderr; returns the sentence. */
export function complaint(args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = opcounter(args, cwd);
  expect(stdout).to.equal("");
  expect(status).to.equal(2);
  expect(stderr).to.not.match(/\n\s+at /, "a stack trace");
  const lines = stderr.trim().split("\n");
  expect(lines).to.have.length(1);
  return lines[0] ?? "";
}

/** Runs a command without complaint; returns the report that it prints as JSON. */
export function json(args: readonly string[], cwd?: string) {
  const { status, stdout, stderr } = opcounter([...args, "--format", "json"], cwd);
  expect(stderr).to.equal("");
  expect(status).to.equal(0);
  return JSON.parse(stdout);
}

/** A folder that goes away with `remove`, among the system's temporary files or in `parent`. */
export function temporaryFolder(parent = tmpdir()) {
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, "opcounter-test-"));
  return {
    path,
    /** A file of that name is replaced: ext4 takes one that is written over to the disk at once. */
    write: (name: string, content: string | Uint8Array): string => {
      const file = join(path, name);
      rmSync(file, { force: true });
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** What tfjs would save of a model: its model.json and one weight file. */
export async function modelFiles(
  model: tf.LayersModel,
): Promise<{ json: string; bin: Uint8Array }> {
  let files: { json: string; bin: Uint8Array } | undefined;
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      const manifest = [{ paths: ["weights.bin"], weights: weightSpecs ?? [] }];
      files = {
        json: JSON.stringify({ format: "layers-model", modelTopology, weightsManifest: manifest }),
        bin: new Uint8Array(weightData as ArrayBuffer),
      };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  });
  if (files === undefined) throw new Error("tfjs saved nothing");
  return files;
}
