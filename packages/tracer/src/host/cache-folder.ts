import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder for what opcounter can make again, such as an unpacked driver or a calibration of a
 * device. It is in the user's cache folder, which each system has in another place.
 */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "opcounter");
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "opcounter");
  const folder = process.platform === "darwin" ? "Library/Caches" : ".cache";
  return join(homedir(), folder, "opcounter");
}
