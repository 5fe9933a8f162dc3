import { OpcounterError, type WebGpuLimits } from "@opcounter/ir";
import type { DeviceName } from "@opcounter/tracer";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { BrowserOptions } from "../browser/browser.ts";
import { type Runner, withDevice } from "../runner.ts";

/** A browser to run in: by its program, or the one that is found. */
export interface BrowserDevice {
  readonly browser: string | undefined;
}

/** What `--device` names. */
export type DeviceChoice = DeviceName | BrowserDevice;

/** Options that say where a target runs. */
export interface DeviceOptions {
  readonly device: DeviceChoice;
  readonly limits?: WebGpuLimits;
  readonly browserFlag?: readonly string[];
  readonly timeout?: number;
  readonly plugin?: readonly string[];
}

/** How long a browser may be silent, in seconds. */
const TIMEOUT = 30;

/**
 * Adds `--device` and what a browser is started with.
 *
 * @param names the devices of this process that the command takes.
 */
export function addDeviceOptions(
  command: Command,
  names: readonly DeviceName[],
  [usual, why]: readonly [DeviceName, string],
): Command {
  return command
    .addOption(
      new Option(
        "-d, --device <name>",
        `where to run: ${names.join(", ")}, or browser, a Chrome, Chromium or Edge, by its program where it is not found: browser:/path/to/chrome`,
      )
        .argParser((text) => parseDevice(text, names))
        .default(usual, why),
    )
    .option(
      "--browser-flag <flag>",
      "a flag for the browser, such as --no-sandbox, written --browser-flag=--no-sandbox; repeatable",
      (flag: string, previous: readonly string[]) => [...previous, flag],
      [],
    );
}

function parseDevice(text: string, names: readonly DeviceName[]): DeviceChoice {
  if (text === "browser") return { browser: undefined };
  const program = /^browser:(.+)$/s.exec(text)?.[1];
  if (program !== undefined) return { browser: program };
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  throw new InvalidArgumentError(`Allowed choices are ${names.join(", ")}, browser.`);
}

/**
 * Runs `body` with what runs targets where a command's options say.
 *
 * @param forTime whether time is asked for, which takes a GPU.
 * @throws OpcounterError "device-unavailable", or "options-conflict" where an option does not go
 *   with the device.
 */
export async function withRunner<T>(
  options: DeviceOptions,
  body: (runner: Runner) => Promise<T>,
  forTime = false,
): Promise<T> {
  const { device, limits, browserFlag = [], plugin = [] } = options;
  if (typeof device === "object") {
    if (limits !== undefined) {
      throw new OpcounterError("options-conflict", "A browser has the limits of its adapter", {
        remedy: "only --device virtual takes others",
      });
    }
    const { withPageRunner } = await import("../browser/page-runner.ts");
    return withPageRunner({ ...browserOptionsOf(options), plugins: plugin }, body);
  }
  if (browserFlag.length > 0) {
    throw new OpcounterError("options-conflict", "--browser-flag is for --device browser", {
      remedy: "name that device, or leave it out",
    });
  }
  return withDevice(device, { forTime, ...(limits === undefined ? {} : { limits }) }, body);
}

/** How a command's options say that a browser is started. */
export function browserOptionsOf(options: DeviceOptions): BrowserOptions {
  const { device, browserFlag: flags = [], timeout = TIMEOUT } = options;
  return { program: typeof device === "object" ? device.browser : undefined, flags, timeout };
}
