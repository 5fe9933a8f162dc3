import { reasonOf, UserError } from "@opcounter/ir";
import { locateSwiftShader } from "./swiftshader.ts";

/** What the optional npm package `webgpu` (Dawn for Node) exports. */
interface DawnModule {
  create(options: string[]): GPU;
}

/** Dawn ends the process's work when its instance is collected, so the instances are kept. */
const instances = new Map<string, GPU>();

/**
 * Dawn's `GPU` object, on the machine's own driver or on SwiftShader.
 *
 * @throws UserError where the package `webgpu` or SwiftShader is not there.
 */
export async function openDawn(name: "gpu" | "software"): Promise<GPU> {
  const existing = instances.get(name);
  if (existing !== undefined) return existing;
  if (name === "software") {
    const driver = await locateSwiftShader();
    process.env["VK_ICD_FILENAMES"] = driver.manifest;
    await preloadVulkanLoader(driver.folder);
  }
  const { create } = await loadDawn();
  const gpu = create(FEATURES);
  instances.set(name, gpu);
  return gpu;
}

/** Dawn rounds timestamps to 65,536 ns as a page may misuse finer ones; a program on its own may not. */
const FEATURES = ["disable-dawn-features=timestamp_quantization"];

/** Lets the instances go, without which Node does not exit. */
export function closeDawn(): void {
  instances.clear();
}

/** glibc's RTLD_NODELETE, which Node does not name: keep the library loaded after it is closed. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads the Vulkan loader that lies beside the driver, so that Dawn finds it by name on a system
 * that has none. Naming its folder in `LD_LIBRARY_PATH` is too late in a running process; a
 * library that is already loaded is found. Node complains that it is no addon, and that is all.
 */
async function preloadVulkanLoader(folder: string): Promise<void> {
  const { existsSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { constants } = await import("node:os");
  const loader = join(folder, "libvulkan.so.1");
  if (process.platform !== "linux" || !existsSync(loader)) return;
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // "Module did not self-register": expected, and it stays loaded.
  }
}

async function loadDawn(): Promise<DawnModule> {
  try {
    const module: unknown = await import("webgpu");
    if (isDawn(module)) return module;
    throw new Error("it exports no create()");
  } catch (error) {
    const reason = reasonOf(error);
    throw new UserError(
      `Devices "gpu" and "software" need the optional npm package "webgpu", which cannot be loaded (${reason.split("\n")[0]}); install it, or use --device virtual.`,
    );
  }
}

function isDawn(module: unknown): module is DawnModule {
  return (
    typeof module === "object" &&
    module !== null &&
    "create" in module &&
    typeof module.create === "function"
  );
}
