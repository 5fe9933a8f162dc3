import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join, posix, win32 } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import { homeFolder } from "@opcounter/tracer/node";

/** Where a system has its programs. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Names in the folders of `PATH`, in the order of preference. */
const COMMANDS = [
  "google-chrome",
  "google-chrome-stable",
  "chromium",
  "chromium-browser",
  "chrome",
  "microsoft-edge",
  "microsoft-edge-stable",
  "chrome-headless-shell",
];

const MAC_APPLICATIONS = ["Google Chrome", "Chromium", "Microsoft Edge", "Google Chrome Canary"];

const WINDOWS_PROGRAMS = [
  ["Google", "Chrome", "Application", "chrome.exe"],
  ["Chromium", "Application", "chrome.exe"],
  ["Microsoft", "Edge", "Application", "msedge.exe"],
] as const;

/** Every place where a browser with WebGPU and the DevTools protocol usually is, the best first. */
export function usualPlaces({ platform, environment, home }: System): string[] {
  if (platform === "darwin") {
    return MAC_APPLICATIONS.flatMap((name) =>
      ["/", home].map((root) =>
        posix.join(root, "Applications", `${name}.app`, "Contents", "MacOS", name),
      ),
    );
  }
  if (platform === "win32") {
    const roots = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"].flatMap(
      (name) => environment[name] ?? [],
    );
    return WINDOWS_PROGRAMS.flatMap((path) => roots.map((root) => win32.join(root, ...path)));
  }
  const folders = (environment["PATH"] ?? "").split(":").filter((folder) => folder !== "");
  const onPath = COMMANDS.flatMap((name) => folders.map((folder) => posix.join(folder, name)));
  return [...onPath, "/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge"];
}

/**
 * The program of a browser.
 *
 * @param named a path, or a command of `PATH`; the first of the usual places where it is left out.
 * @throws OpcounterError "device-unavailable" where there is none.
 */
export function findBrowser(named?: string): string {
  if (named === undefined) {
    const system = { platform: process.platform, environment: process.env, home: homeFolder() };
    const found = usualPlaces(system).find(isProgram);
    if (found !== undefined) return found;
    throw new OpcounterError(
      "device-unavailable",
      "No Chrome, Chromium or Edge is where they usually are",
      { remedy: "install one, or name its program, as in --device browser:/path/to/chrome" },
    );
  }
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const isCommand = !/[/\\]/.test(named);
  const places = isCommand ? [named, ...folders.map((folder) => join(folder, named))] : [named];
  const found = places.find(isProgram);
  if (found !== undefined) return found;
  const why = existsSync(named) ? "is no program" : "is not there";
  throw new OpcounterError("device-unavailable", `The browser ${named} ${why}`, {
    remedy: "name the program of a Chrome, Chromium or Edge",
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
