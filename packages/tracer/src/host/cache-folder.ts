import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The folder for what opcounter can make again, such as an unpacked driver or a calibration of a
 * device. It is in the user's cache folder, which each system has in another place.
 */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME = "", LOCALAPPDATA } = process.env;
  // Relative paths are to be ignored. Source: the XDG Base Directory Specification.
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "opcounter");
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "opcounter");
  const folder = process.platform === "darwin" ? "Library/Caches" : ".cache";
  return join(homeFolder(), folder, "opcounter");
}

/**
 * The user's home folder. A user who has none, as in some containers, gets one that is not there:
 * nothing is kept then, and what must be kept is refused as in any folder that cannot be written.
 */
export function homeFolder(): string {
  try {
    const home = homedir();
    if (isAbsolute(home)) return home;
  } catch {
    // The system does not know the user.
  }
  return "/nonexistent";
}
