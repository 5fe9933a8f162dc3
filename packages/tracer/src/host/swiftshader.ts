import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { cacheFolder } from "./cache-folder.ts";
import { resolveOptional } from "./optional-package.ts";

/** Where SwiftShader's Vulkan driver is. */
export interface SwiftShader {
  /** The driver's manifest, for `VK_ICD_FILENAMES`. */
  readonly manifest: string;
  /** The folder that holds the driver and, perhaps, `libvulkan.so.1`. */
  readonly folder: string;
}

const MANIFEST = "vk_swiftshader_icd.json";

/** Folders of Linux distributions' Chromium packages, which contain the driver. */
const SYSTEM_FOLDERS = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium-browser",
  "/opt/google/chrome",
];

/**
 * Finds SwiftShader: the folder named in `OPCOUNTER_SWIFTSHADER`, a system's Chromium, or the npm
 * package `@sparticuz/chromium`, whose packed driver is unpacked once into the user's cache.
 *
 * @throws OpcounterError "device-unavailable" where it is in none of the three.
 */
export function locateSwiftShader(): SwiftShader {
  const named = process.env["OPCOUNTER_SWIFTSHADER"];
  if (named !== undefined && !existsSync(join(named, MANIFEST))) {
    throw new OpcounterError(
      "device-unavailable",
      `OPCOUNTER_SWIFTSHADER names ${named}, which holds no ${MANIFEST}.`,
    );
  }
  const folders = named === undefined ? SYSTEM_FOLDERS : [named];
  const folder = folders.find((candidate) => existsSync(join(candidate, MANIFEST))) ?? unpack();
  return { manifest: join(folder, MANIFEST), folder };
}

/** Unpacks the npm package's driver; returns the folder. */
function unpack(): string {
  const entry = resolveOptional("@sparticuz/chromium");
  if (entry === undefined) {
    throw new OpcounterError(
      "device-unavailable",
      'Device "software" needs SwiftShader, which is not installed',
      {
        remedy:
          "run npm install @sparticuz/chromium, or install Chromium, or name SwiftShader's folder in OPCOUNTER_SWIFTSHADER",
      },
    );
  }
  const root = entry.slice(0, entry.lastIndexOf("chromium") + "chromium".length);
  const archive = join(root, "bin", "swiftshader.tar.br");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folder = join(cacheFolder(), `swiftshader-${version}`);
  if (existsSync(join(folder, MANIFEST))) return folder;
  unpackTo(folder, archive);
  if (!existsSync(join(folder, MANIFEST))) {
    throw new OpcounterError("device-unavailable", `${dirname(archive)} holds no ${MANIFEST}`, {
      remedy: "reinstall @sparticuz/chromium",
    });
  }
  return folder;
}

/**
 * Unpacks beside the folder and then renames, so that no process sees half a driver. Where another
 * process was faster, its folder stays.
 *
 * @throws OpcounterError "device-unavailable" where it cannot be written.
 */
function unpackTo(folder: string, archive: string): void {
  let partial: string | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    partial = mkdtempSync(`${folder}.`);
    for (const { name, data } of readTar(brotliDecompressSync(readFileSync(archive)))) {
      writeFileSync(join(partial, name), data, { mode: 0o755 });
    }
    renameSync(partial, folder);
  } catch (error) {
    if (partial !== undefined) rmSync(partial, { recursive: true, force: true });
    if (existsSync(join(folder, MANIFEST))) return;
    throw new OpcounterError(
      "device-unavailable",
      `SwiftShader cannot be unpacked into ${folder}: ${reasonOf(error)}`,
      { remedy: "name another cache folder in XDG_CACHE_HOME", cause: error },
    );
  }
}

/** The plain files of a tar archive, by base name. Format: POSIX ustar, 512-byte records. */
function* readTar(archive: Uint8Array): Generator<{ name: string; data: Uint8Array }> {
  const text = new TextDecoder();
  for (let offset = 0; offset + 512 <= archive.length; ) {
    const header = archive.subarray(offset, offset + 512);
    const name = text.decode(header.subarray(0, 100)).replace(/\0.*$/s, "");
    if (name === "") return;
    const size = Number.parseInt(text.decode(header.subarray(124, 136)), 8);
    const isFile = header[156] === 0x30 || header[156] === 0;
    if (isFile) {
      yield {
        name: name.slice(name.lastIndexOf("/") + 1),
        data: archive.subarray(offset + 512, offset + 512 + size),
      };
    }
    offset += 512 + Math.ceil(size / 512) * 512;
  }
}
