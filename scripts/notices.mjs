// The licenses of what is bundled: whoever passes a bundle on passes them on as well.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The text of the license of packages that name it and do not hold it, as TensorFlow.js's. */
const APACHE = fileURLToPath(new URL("apache-2.0.txt", import.meta.url));

/** opcounter's own, with the words of the MIT license for packages that only name it, as tr46. */
const OWN = fileURLToPath(new URL("../LICENSE", import.meta.url));

/** The same of packages that hold it in their README, as seedrandom does. */
const MIT = /Copyright [^\n]*\s+Permission is hereby granted[\s\S]*SOFTWARE\./;

/**
 * An esbuild plugin. Beside each file that it bundles stands `*.LEGAL.txt`: the packages of which it
 * holds code, with their licenses, and the comments of their sources that name an author.
 *
 * @param isInside whether they also begin the file itself, which is passed on without the other.
 */
export function notices({ isInside = false } = {}) {
  return {
    name: "notices",
    setup({ initialOptions, onEnd }) {
      initialOptions.metafile = true;
      onEnd(({ metafile }) => {
        for (const [file, output] of Object.entries(metafile?.outputs ?? {})) {
          const packages = packagesIn([output]);
          if (!/\.c?js$/.test(file) || packages.length === 0) continue;
          const text = noticesOf(packages);
          const legal = `${file}.LEGAL.txt`;
          const comments = legal in metafile.outputs ? readFileSync(legal, "utf8") : "";
          writeFileSync(legal, `${text}\n${comments}`);
          if (isInside) {
            const comment = `/*!\n${text.replaceAll("*/", "* /")}*/\n`;
            writeFileSync(file, `${comment}${readFileSync(file, "utf8")}`);
          }
        }
      });
    },
  };
}

/**
 * The same text for chunks that become one file.
 *
 * @param legal the comments that esbuild found in each.
 */
export function noticesOfChunks({ outputs }, legal) {
  const comments = legal.map(({ text }) => text.replace(/^Bundled license information:\n/, ""));
  const all = `Bundled license information:\n${comments.join("")}`;
  return `${noticesOf(packagesIn(Object.values(outputs)))}\n${all}`;
}

/** The folders of the packages that have code in outputs. */
function packagesIn(outputs) {
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([path, { bytesInOutput }]) => {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    return folder === undefined || bytesInOutput === 0 || path.startsWith("(") ? [] : [folder];
  });
  return [...new Set(folders)].map((folder) => resolve(folder)).sort();
}

/** Each license once, below the packages that it is of. */
function noticesOf(folders) {
  const packages = new Map();
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { name, version, license } = manifest;
    const text = textsIn(folder, manifest);
    const title = `${name} ${version} (${license})`;
    packages.set(text, [...(packages.get(text) ?? []), title]);
  }
  return [...packages]
    .map(([text, titles]) => `${titles.sort().join("\n")}\n\n${text.trim()}\n`)
    .join(`\n${"-".repeat(78)}\n\n`);
}

/** What a package says of its license and of whom to name. */
function textsIn(folder, { license, author }) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice)\b/i.test(name));
  if (files.length > 0)
    return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  if (/^Apache-2\.0\b/.test(license)) return readFileSync(APACHE, "utf8");
  const readme = join(folder, "README.md");
  const [text] = existsSync(readme) ? (MIT.exec(readFileSync(readme, "utf8")) ?? []) : [];
  if (text !== undefined) return text;
  if (license === "MIT" && author !== undefined) {
    const permission = readFileSync(OWN, "utf8").replace(/^[\s\S]*?(?=Permission is)/, "");
    return `Copyright (c) ${author.name ?? author}\n\n${permission}`;
  }
  throw new Error(`${folder} has no file with its license, ${license}; add its text to scripts.`);
}
