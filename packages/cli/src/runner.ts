import {
  type Calibration,
  calibrate,
  type Device,
  type DeviceName,
  type DeviceOptions,
  type LoadOptions,
  openDevice,
  withBackend,
} from "@opcounter/tracer";
import { loadHere } from "./target/load-here.ts";
import type { LoadedTarget } from "./target/loaded-target.ts";
import type { RunnableLocation } from "./target/locate.ts";

/** What runs targets: a device of this process, or a page of a browser. */
export interface Runner {
  /** Where it runs them, for people: "on the virtual device". */
  readonly where: string;
  /** The device, as `Device` describes it. */
  readonly name: string;
  readonly description: string;
  /** Whether it computes, so that it has times. */
  readonly computes: boolean;
  /** Loads a target. What a pass of it costs is not known before it is traced. */
  load(specifier: string, location: RunnableLocation, reading: LoadOptions): Promise<LoadedTarget>;
  /** Measures what the device can do. */
  calibrate(): Promise<Calibration>;
}

/** Runs `body` with what runs targets on a device of this process. */
export async function withDevice<T>(
  name: DeviceName,
  options: DeviceOptions,
  body: (runner: Runner) => Promise<T>,
): Promise<T> {
  const device = await openDevice(name, options);
  return withBackend(device, () => body(runnerOn(device)));
}

/** What runs targets on an open device, which is the active backend meanwhile. */
export function runnerOn(device: Device): Runner {
  const { name, description } = device;
  return {
    where: `on the ${name} device`,
    ...{ name, description, computes: device.virtual === undefined },
    load: (specifier, location, reading) => loadHere(specifier, location, reading, device),
    calibrate: () => calibrate(device),
  };
}
