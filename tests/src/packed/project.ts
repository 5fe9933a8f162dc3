import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { TARBALLS } from "./tarballs.ts";

/** A stranger's project, in a folder of its own. */
export interface Project {
  readonly path: string;
  /** Writes a file, and the folders it is in. */
  write(name: string, content: string): void;
  /** Runs a program of the project's `node_modules/.bin`, or `node`; its stdout. */
  run(program: string, ...args: readonly string[]): string;
  remove(): void;
}

/** A project's package.json, while nothing is installed. */
export const MANIFEST = { name: "project", private: true, type: "module" };

/** What a page or program needs beside opcounter, in this version, or with a newer backend. */
export const tfjs = (version: string, backend = version): string[] => [
  `@tensorflow/tfjs@${version}`,
  `@tensorflow/tfjs-backend-webgpu@${backend}`,
];

/**
 * Makes a project in an empty folder and installs the packed opcounter into it with npm.
 *
 * @param dependencies what else it installs, such as `@tensorflow/tfjs@4.22.0`.
 */
export function makeProject(dependencies: readonly string[]): Project {
  const project = emptyProject();
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  project.run("npm", "install", ...quiet, ...TARBALLS, ...dependencies);
  return {
    ...project,
    run(program, ...args) {
      const installed = join(project.path, "node_modules", ".bin", program);
      return project.run(program === "node" ? process.execPath : installed, ...args);
    },
  };
}

/**
 * A project in an empty folder, with nothing installed. It runs programs by path, or by name where
 * the system finds them.
 */
export function emptyProject(): Project {
  const path = mkdtempSync(join(tmpdir(), "opcounter-project-"));
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  };
  write("package.json", JSON.stringify(MANIFEST));
  // npm must not take the project for a part of the workspace whose tests run.
  const environment = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = { ...Object.fromEntries(environment), NODE_OPTIONS: "", COLUMNS: "" };
  return {
    path,
    write,
    run: (program, ...args) =>
      execFileSync(program, args, { cwd: path, env, encoding: "utf8", stdio: "pipe" }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The text of a page's source, which lies beside this file. */
export function pageSource(name: string): string {
  return readFileSync(new URL(`pages/${name}`, import.meta.url), "utf8");
}
