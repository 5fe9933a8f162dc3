import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OpcounterError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import type { Parser } from "./parsers.ts";

/** The most that an input may take, in time of the processor: the machine may be busy. */
export const MOST_SECONDS = 5;
export const MOST_BYTES = 2 ** 30;

/** By parser, inputs that were found by `npm run fuzz`, and are read well since. */
export const CORPUS = fileURLToPath(new URL("../../fixtures/fuzz", import.meta.url));

/** What was found of a parser, by the name of its file. */
export function foundInputs(name: string): Map<string, Uint8Array> {
  const folder = join(CORPUS, name);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(files.map((file) => [file, readFileSync(join(folder, file))]));
}

/** The input of a number: the same for the same seed. */
export function inputAt({ inputs }: Parser, seed: number, number: number): Uint8Array {
  // Two factors without a common one, so that near seeds share few inputs.
  const [input] = fc.sample(inputs, { seed: (seed * 1_000_003 + number) | 0, numRuns: 1 });
  if (input === undefined) throw new Error("one was asked for");
  return input;
}

/**
 * Reads an input. Returns what is wrong with how that went: anything thrown but an error with a
 * sentence, too long a time, a tensor that is left. Undefined where all is well.
 */
export async function fault({ read }: Parser, input: Uint8Array): Promise<string | undefined> {
  const [start, tensors] = [process.cpuUsage(), tf.memory().numTensors];
  try {
    await read(input);
  } catch (error) {
    if (!(error instanceof OpcounterError)) {
      return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  if (seconds > MOST_SECONDS) return `took ${seconds.toFixed(1)} s`;
  const left = tf.memory().numTensors - tensors;
  return left === 0 ? undefined : `left ${left} tensors`;
}
