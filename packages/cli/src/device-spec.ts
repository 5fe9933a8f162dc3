import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DeviceSpec } from "@opcounter/counters";
import { OpcounterError, reasonOf } from "@opcounter/ir";
import type { Calibration, Device } from "@opcounter/tracer";
import { cacheFolder } from "@opcounter/tracer/node";
import { readText } from "./read-file.ts";

/** What a specification holds, for messages. */
const SPEC = '{ "name": "…", "flops": operations per second, "bandwidth": bytes per second }';

/** Writes a calibration to the user's cache folder; returns the file's path. */
export async function keepCalibration(calibration: Calibration): Promise<string> {
  const path = calibrationPath(calibration.adapter);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(calibration, null, 2)}\n`);
  return path;
}

/**
 * The peak performance of a device: from the file if one is given, otherwise its calibration.
 *
 * @throws OpcounterError where there is neither, or the file holds none.
 */
export async function specOf(device: Device, file: string | undefined): Promise<DeviceSpec> {
  if (file !== undefined) return readSpec(file, (json) => json);
  const path = calibrationPath(device.description || device.name);
  if (!existsSync(path)) {
    const unknown = `The peak performance of device "${device.name}" is not known`;
    const file = `give a file by --device-spec with ${SPEC}`;
    throw device.virtual === undefined
      ? new OpcounterError("device-spec-missing", unknown, {
          remedy: `run opcounter calibrate --device ${device.name}, or ${file}`,
        })
      : new OpcounterError("device-spec-missing", `${unknown}, since it computes nothing`, {
          remedy: file,
        });
  }
  return readSpec(path, (json) => ({
    name: Reflect.get(Object(json), "adapter"),
    ...Object(json),
  }));
}

async function readSpec(file: string, shaped: (json: unknown) => unknown): Promise<DeviceSpec> {
  const { z } = await import("zod");
  const schema = z.looseObject({
    name: z.string(),
    flops: z.number().positive(),
    bandwidth: z.number().positive(),
  });
  const parsed = schema.safeParse(shaped(readJson(file)));
  if (parsed.success) {
    const { name, flops, bandwidth } = parsed.data;
    return { name, flops, bandwidth };
  }
  const [issue] = parsed.error.issues;
  throw new OpcounterError(
    "device-spec-invalid",
    `${file} is no device specification: ${issue?.message ?? "it does not fit"} at ${issue?.path.join(".") || "the top"}`,
    { remedy: `write ${SPEC}` },
  );
}

function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new OpcounterError(
      "json-malformed",
      `${file} cannot be read as JSON: ${reasonOf(error)}.`,
    );
  }
}

function calibrationPath(adapter: string): string {
  const name = adapter.replace(/[^\w.-]+/g, "-").replace(/^-+|-+$/g, "");
  return join(cacheFolder(), "calibration", `${name || "adapter"}.json`);
}
