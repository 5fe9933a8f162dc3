import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  BUILT_IN_PASSES,
  createPassRegistry,
  type Graph,
  OpcounterError,
  print,
  runPasses,
} from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { expect } from "chai";
import { CHAINS } from "../../packages/ir/src/passes/fuse.ts";
import { matchPattern } from "../../packages/ir/src/patterns/match.ts";
import type { FusionPattern, Pattern } from "../../packages/ir/src/patterns/pattern.ts";
import { FUSION_PATTERNS } from "../../packages/ir/src/patterns/registry.ts";
import { opcounter } from "./command-line.ts";

/**
 * A golden file is a graph in the text form, which the command line reads as any other. Its
 * comments say what the case is about, the pipeline to run (`# run canonicalize,fuse`), and, after
 * `# gives`, the graph that must result or the error.
 *
 * `UPDATE_GOLDEN=1 npm test -- tests/src/golden.test.ts` writes what results.
 */
const FOLDER = new URL("../golden/", import.meta.url);
const FORM =
  /^(?<input>(?:# (?!run ).*\n)*# run (?<pipeline>.*)\n[\s\S]*?# gives\n)(?<expected>(?:#.*\n)*)$/;

interface Golden {
  readonly name: string;
  readonly text: string;
  /** All but what must come out. */
  readonly input: string;
  readonly pipeline: string;
  /** Lines of comment. */
  readonly expected: string;
}

function read(name: string): Golden {
  const text = readFileSync(new URL(name, FOLDER), "utf8");
  const { input, pipeline, expected } = FORM.exec(text)?.groups ?? {};
  if (input === undefined || pipeline === undefined || expected === undefined) {
    throw new Error(`${name} lacks its line "# run <pipeline>" or "# gives"`);
  }
  return { name, text, input, pipeline, expected };
}

const goldens = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".ir"))
  .map(read);
const registry = createPassRegistry(BUILT_IN_PASSES);

function resultOf({ text, pipeline }: Golden): Graph {
  return runPasses(parse(text), pipeline, { registry, verify: true });
}

/** The graph that results, or the error, as comments. */
function outcome(golden: Golden): string {
  try {
    return commented(print(resultOf(golden)));
  } catch (error) {
    if (error instanceof OpcounterError) return commented(`error: ${error.message}`);
    throw error;
  }
}

function commented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "# ").concat("\n");
}

/** The golden of this name, and the one that is nearly so and must not match. */
function pairOf(name: string): [matches: Golden, mustNot: Golden] {
  const [matches, mustNot] = [`${name}.ir`, `no-${name}.ir`].map((file) =>
    goldens.find((golden) => golden.name === file),
  );
  if (matches === undefined) throw new Error(`write tests/golden/${name}.ir, which matches`);
  if (mustNot === undefined) throw new Error(`write tests/golden/no-${name}.ir, which must not`);
  return [matches, mustNot];
}

function groupsOf(golden: Golden, pattern: string) {
  return resultOf(golden).groups.filter((group) => group.pattern === pattern);
}

/** The ops that a pattern has as alternatives: the ways in which a program may write it. */
function branchesOf(pattern: Pattern): Pattern[] {
  if (pattern.kind === "op") return Object.values(pattern.operands).flatMap(branchesOf);
  if (pattern.kind !== "either") return [];
  const ops = pattern.options.filter(({ kind }) => kind === "op");
  return [...ops, ...pattern.options.flatMap(branchesOf)];
}

/** Of all groups in a golden, how often this very pattern matches, and by which of its branches. */
function matchesIn(golden: Golden, pattern: FusionPattern) {
  const graph = resultOf(golden);
  const branches = new Set<Pattern>();
  const { when = () => true } = pattern;
  const recording: FusionPattern = {
    ...pattern,
    when: (graph, opOf) => {
      if (!when(graph, opOf)) return false;
      for (const branch of branchesOf(pattern.root)) {
        if (opOf(branch) !== undefined) branches.add(branch);
      }
      return true;
    },
  };
  const groups = graph.groups.filter(({ pattern: name, ops }) => {
    const root = graph.ops[ops.at(-1) ?? -1];
    return name === pattern.name && root !== undefined && matchPattern(graph, root, recording);
  });
  return { groups, branches };
}

/** A pattern as messages show it: `Multiply(any, 0.5)`. */
function written(pattern: Pattern): string {
  switch (pattern.kind) {
    case "any":
      return "any";
    case "scalar":
      return String(pattern.value ?? "scalar");
    case "either":
      return pattern.options.map(written).join(" | ");
    case "op":
      return `${pattern.kernels.join("|")}(${Object.values(pattern.operands).map(written).join(", ")})`;
  }
}

describe("golden files", () => {
  for (const golden of goldens) {
    it(golden.name, () => {
      const actual = outcome(golden);
      if (process.env["UPDATE_GOLDEN"] === "1") {
        writeFileSync(new URL(golden.name, FOLDER), `${golden.input}${actual}`);
      } else {
        expect(actual).to.equal(golden.expected);
      }
    });
  }

  for (const { name: pass } of BUILT_IN_PASSES) {
    it(`have a case of the pass ${pass}`, () => {
      expect(goldens.some(({ pipeline }) => pipeline.split(",").includes(pass))).to.equal(true);
    });
  }

  for (const pattern of FUSION_PATTERNS) {
    const { name, form } = pattern;
    const file = form === undefined ? name : `${name}-${form}`;

    it(`have ${file}, and a case that is none`, () => {
      const [matches, mustNot] = pairOf(file);
      expect(matchesIn(matches, pattern).groups).to.have.lengthOf(1);
      expect(groupsOf(mustNot, name)).to.deep.equal([]);
    });

    it(`have ${file} in every way that its pattern knows`, () => {
      const valid = goldens.filter(({ expected }) => !expected.startsWith("# error"));
      const matched = new Set(valid.flatMap((golden) => [...matchesIn(golden, pattern).branches]));
      const missing = branchesOf(pattern.root).filter((branch) => !matched.has(branch));
      expect(missing.map(written), `add them to tests/golden/${file}-forms.ir`).to.deep.equal([]);
    });
  }

  for (const chain of CHAINS) {
    it(`have ${chain}, and a case that is none`, () => {
      const [matches, mustNot] = pairOf(chain);
      expect(groupsOf(matches, chain)).to.not.deep.equal([]);
      expect(groupsOf(mustNot, chain)).to.deep.equal([]);
    });
  }

  it("are read by the command line, which gives the same", () => {
    for (const name of ["layer-norm-tf-layers.ir", "shapes.ir", "no-shapes.ir"]) {
      const { pipeline, expected } = read(name);
      const file = fileURLToPath(new URL(name, FOLDER));
      const { stdout, stderr } = opcounter(["opt", file, "--passes", pipeline]);
      const error = stderr.split(`${file}: `)[1];
      expect(commented(error === undefined ? stdout : `error: ${error}`)).to.equal(expected);
    }
  });
});
