import { counted, OpcounterError, type WebGpuLimits } from "@opcounter/ir";
import { RECORD_DEVICES, type Recorded } from "@opcounter/recorder";
import { withProgress } from "../progress.ts";
import { recordProgram } from "../target/record-program.ts";
import { browserOptionsOf, type DeviceChoice } from "./device-option.ts";
import { conflict, SECONDS } from "./page-option.ts";

/** What of the options of `record` says what runs, and where. */
export interface RecordingOptions {
  readonly device: DeviceChoice;
  readonly browserFlag?: readonly string[];
  readonly url?: string;
  readonly seconds?: number;
  readonly limits?: WebGpuLimits;
  readonly timeout?: number;
}

/**
 * Records a module, or the page that `--url` names.
 *
 * @throws OpcounterError where options do not go together, and as `record` and `recordGpuPage`.
 */
export function recorded(path: string | undefined, options: RecordingOptions): Promise<Recorded> {
  refuseConflicts(path, options);
  return typeof options.device === "object"
    ? recordedInBrowser(path, options)
    : recordedHere(path ?? "", options);
}

function refuseConflicts(path: string | undefined, options: RecordingOptions): void {
  const { device, url, seconds, limits, browserFlag = [] } = options;
  const isBrowser = typeof device === "object";
  if (path === undefined && url === undefined) {
    throw new OpcounterError("option-invalid", "There is no module", {
      remedy: "name one, or a page by --device browser --url",
    });
  }
  if (path !== undefined && url !== undefined) {
    throw conflict("--url names a page, and there is a module too", "leave one of the two out");
  }
  if (url !== undefined && !isBrowser) {
    throw conflict("--url needs a browser", "add --device browser");
  }
  if (seconds !== undefined && url === undefined) {
    throw conflict("--seconds is for --url", "leave it out; --timeout ends a module");
  }
  if (browserFlag.length > 0 && !isBrowser) {
    throw conflict("--browser-flag is for --device browser", "name that device, or leave it out");
  }
  if (limits !== undefined && device !== "virtual") {
    const name = isBrowser ? "browser" : device;
    throw conflict(
      `Device "${name}" has the limits of its adapter`,
      'only { device: "virtual" } takes others',
    );
  }
}

async function recordedInBrowser(
  path: string | undefined,
  options: RecordingOptions,
): Promise<Recorded> {
  const { url = "", seconds = SECONDS, timeout } = options;
  const { recordGpuPage, recordInPage } = await import("../browser/record-gpu-page.ts");
  const browser = browserOptionsOf(options);
  if (path === undefined) {
    return withProgress(`Recording ${url} for ${counted(seconds, "second")}`, () =>
      recordGpuPage({ url, seconds, ...browser }),
    );
  }
  return withProgress(`Running ${path} in a browser`, () =>
    recordInPage({ path, seconds: timeout, ...browser }),
  );
}

function recordedHere(path: string, { device, limits, timeout }: RecordingOptions) {
  const name = RECORD_DEVICES.find((each) => each === device);
  if (name === undefined) throw new Error(`record runs on no ${String(device)}`);
  return withProgress(`Running ${path} on the ${name} device`, () =>
    recordProgram(path, {
      device: name,
      ...(limits === undefined ? {} : { limits }),
      ...(timeout === undefined ? {} : { timeout }),
    }),
  );
}
