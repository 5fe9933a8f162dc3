import { grouped, OpcounterError } from "@opcounter/ir/core";
import { concatenate } from "./fetch-bytes.ts";
import { storedBytes, type WeightGroup } from "./model-json.ts";
import type { ModelFiles } from "./model-source.ts";

/** The weights of a model, in the order of its manifest. */
export interface Weights {
  readonly data: ArrayBuffer;
  /** The first file that is not there; zeros stand for what it and its group hold. */
  readonly missing: string | undefined;
}

/**
 * Reads the weights that a manifest names. Where files are missing, the weights of their group are
 * zeros of the shapes that the manifest declares.
 *
 * @throws OpcounterError where the files hold less or more than the manifest declares.
 */
export async function readWeights(
  source: ModelFiles,
  location: string,
  groups: readonly WeightGroup[],
): Promise<Weights> {
  let missing: string | undefined;
  const read = async (group: WeightGroup) => {
    try {
      return await readGroup(source, location, group);
    } catch (error) {
      if (!(error instanceof OpcounterError) || error.code !== "file-not-found") throw error;
      missing ??= error.sentence;
      return zerosFor(source, location, [group]);
    }
  };
  const data = concatenate(await Promise.all(groups.map(read))).buffer;
  return { data, missing };
}

/** Zeros in the place of all weights, without a look at their files. */
export function zeroWeights(
  source: ModelFiles,
  location: string,
  groups: readonly WeightGroup[],
): ArrayBuffer {
  return zerosFor(source, location, groups).buffer;
}

/** @throws OpcounterError where they would be too many, or texts, whose bytes nobody knows. */
function zerosFor(
  source: ModelFiles,
  location: string,
  groups: readonly WeightGroup[],
): Uint8Array<ArrayBuffer> {
  let total = 0;
  for (const group of groups) {
    const bytes = storedBytes(group);
    if (bytes === undefined) {
      throw new OpcounterError(
        "model-invalid",
        `${location} has weights that are texts, which must be read from its weight files`,
        { remedy: "put them beside the model.json" },
      );
    }
    total += bytes;
  }
  return source.zeros(total);
}

/** How much more than it declares a file is read: enough to say that it holds too much. */
const EXCESS_BYTES = 2 ** 20;

async function readGroup(
  source: ModelFiles,
  location: string,
  group: WeightGroup,
): Promise<Uint8Array> {
  const { paths } = group;
  const expected = storedBytes(group);
  const most = expected === undefined ? undefined : expected + EXCESS_BYTES;
  const bytes = concatenate(await Promise.all(paths.map((path) => source.file(path, most))));
  if (expected !== undefined && bytes.length !== expected) {
    const difference = Math.abs(bytes.length - expected);
    const verdict = bytes.length < expected ? "are cut short" : "hold too much";
    throw new OpcounterError(
      "model-invalid",
      `The weights of ${location} ${verdict}: ${holding(paths, bytes.length)} and the manifest declares ${grouped(expected)}, a difference of ${grouped(difference)}`,
      { remedy: "fetch or convert the model again" },
    );
  }
  return bytes;
}

function holding(paths: readonly string[], bytes: number): string {
  const [first] = paths;
  if (first === undefined) return "no file is named";
  const held = `${grouped(bytes)} bytes`;
  return paths.length === 1 ? `${first} holds ${held}` : `${first} to ${paths.at(-1)} hold ${held}`;
}
