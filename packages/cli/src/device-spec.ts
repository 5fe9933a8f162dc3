import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEVICE_SPECS, type DeviceSpec } from "@opcounter/counters";
import { namesToChoose, OpcounterError, reasonOf } from "@opcounter/ir";
import type { Calibration } from "@opcounter/tracer";
import { cacheFolder } from "@opcounter/tracer/node";
import { readJson } from "./read-file.ts";
import { replaceFile } from "./replace-file.ts";
import type { Runner } from "./runner.ts";

/** What a specification holds, for messages. */
const SPEC = '{ "name": "…", "flops": operations per second, "bandwidth": bytes per second }';

/** What was measured, with how near programs come to the limits where models were run. */
export type FittedCalibration = Calibration & Pick<DeviceSpec, "programs" | "otherPrograms">;

/**
 * Writes a calibration to the user's cache folder; returns the file's path.
 *
 * @throws OpcounterError "output-unwritable" where it cannot be written.
 */
export function keepCalibration(calibration: FittedCalibration): string {
  const path = calibrationPath(calibration.name);
  try {
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, `${JSON.stringify(calibration, null, 2)}\n`);
  } catch (error) {
    throw new OpcounterError(
      "output-unwritable",
      `The calibration cannot be kept in ${path}: ${reasonOf(error)}`,
      { remedy: "name another cache folder in XDG_CACHE_HOME" },
    );
  }
  return path;
}

/**
 * What a device can do: by the name of one that ships with opcounter or by a file, where one is
 * given, otherwise by the calibration of the device.
 *
 * @param device undefined for the device of somebody else's page.
 * @throws OpcounterError where there is none, or the file holds none.
 */
export async function specOf(
  device: Pick<Runner, "name" | "description" | "computes"> | undefined,
  nameOrFile: string | undefined,
): Promise<DeviceSpec> {
  if (nameOrFile !== undefined) return namedSpec(nameOrFile) ?? readSpec(nameOrFile);
  const given = `give a device of \`opcounter devices\`, or a file with ${SPEC}, by --device-spec`;
  if (device === undefined) {
    const sentence = "The peak performance of a page's device is not known";
    throw new OpcounterError("device-spec-missing", sentence, { remedy: given });
  }
  const path = calibrationPath(device.description || device.name);
  if (existsSync(path)) return readSpec(path);
  const unknown = `The peak performance of device "${device.name}" is not known`;
  throw device.computes
    ? new OpcounterError("device-spec-missing", unknown, {
        remedy: `run opcounter calibrate --device ${device.name}, or ${given}`,
      })
    : new OpcounterError("device-spec-missing", `${unknown}, since it computes nothing`, {
        remedy: given,
      });
}

/**
 * The specification of a device that ships with opcounter; undefined where a file is meant.
 *
 * @throws OpcounterError where it can be neither a device nor a file.
 */
function namedSpec(name: string): DeviceSpec | undefined {
  if (Object.hasOwn(DEVICE_SPECS, name)) return DEVICE_SPECS[name];
  if (/[./\\]/.test(name) || existsSync(name)) return undefined;
  throw new OpcounterError(
    "device-spec-missing",
    `There is no device and no file "${name}". ${namesToChoose(name, Object.keys(DEVICE_SPECS))}`,
  );
}

async function readSpec(file: string): Promise<DeviceSpec> {
  const { deviceSpecSchema } = await import("./device-spec-schema.ts");
  const parsed = deviceSpecSchema.safeParse(withName(readJson(file)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new OpcounterError(
    "device-spec-invalid",
    `${file} is no device specification: ${issue?.message ?? "it does not fit"} at ${issue?.path.join(".") || "the top"}`,
    { remedy: `write ${SPEC}` },
  );
}

/** Calibrations of earlier versions name their adapter. */
function withName(json: unknown): unknown {
  const adapter: unknown = Reflect.get(Object(json), "adapter");
  return adapter === undefined ? json : { name: adapter, ...Object(json) };
}

function calibrationPath(adapter: string): string {
  const name = adapter.replace(/[^\w.-]+/g, "-").replace(/^-+|-+$/g, "");
  return join(cacheFolder(), "calibration", `${name || "adapter"}.json`);
}
