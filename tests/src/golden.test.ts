import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  BUILT_IN_PASSES,
  createPassRegistry,
  parse,
  print,
  runPasses,
  UserError,
} from "@opcounter/ir";
import { expect } from "chai";

const FOLDER = new URL("../golden/", import.meta.url);
const registry = createPassRegistry(BUILT_IN_PASSES);

/** The three parts of a golden file: what comes in, what is run, what must come out. */
interface Golden {
  /** Lines of `//` at the top that say what the case is about. */
  readonly comment: string;
  readonly pipeline: string;
  readonly input: string;
  readonly expected: string;
}

const FORM =
  /^(?<comment>(?:\/\/ (?!run ).*\n)*)\/\/ run (?<pipeline>.*)\n(?<input>[\s\S]*?)\/\/ gives\n(?<expected>[\s\S]*)$/;

function read(name: string): Golden {
  const { comment, pipeline, input, expected } =
    FORM.exec(readFileSync(new URL(name, FOLDER), "utf8"))?.groups ?? {};
  if (comment === undefined || pipeline === undefined || input === undefined) {
    throw new Error(`${name} lacks its line "// run <pipeline>" or "// gives"`);
  }
  return { comment, pipeline, input, expected: expected ?? "" };
}

/** The graph that results, or the error as a comment. */
function outcome({ input, pipeline }: Golden): string {
  try {
    return `${print(runPasses(parse(input), pipeline, { registry, verify: true })).trimEnd()}\n`;
  } catch (error) {
    if (error instanceof UserError) return `// error: ${error.message}\n`;
    throw error;
  }
}

describe("golden files", () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".ir"));

  for (const name of names) {
    it(name, () => {
      const golden = read(name);
      const actual = outcome(golden);
      if (process.env["UPDATE_GOLDEN"] === "1") {
        const { comment, pipeline, input } = golden;
        const text = `${comment}// run ${pipeline}\n${input}// gives\n${actual}`;
        writeFileSync(new URL(name, FOLDER), text);
        return;
      }
      expect(actual).to.equal(golden.expected);
    });
  }

  it("cover every pass and every pattern, each with a case that must not match", () => {
    const goldens = names.map((name) => ({ name, ...read(name) }));
    for (const { name: pass } of BUILT_IN_PASSES) {
      expect(
        goldens.some(({ pipeline }) => pipeline.split(",").includes(pass)),
        pass,
      ).to.equal(true);
    }
    const patterns = goldens.flatMap(({ expected }) =>
      [...expected.matchAll(/^ {2}group ([\w-]+)/gm)].map(([, pattern]) => pattern),
    );
    const all = ["attention", "contraction", "elementwise", "gelu", "hard-swish", "layer-norm"];
    all.push("log-softmax", "rms-norm", "silu", "softmax");
    for (const pattern of all) {
      expect(patterns, `a case that matches ${pattern}`).to.include(pattern);
      expect(names, `a case that must not match ${pattern}`).to.include(`no-${pattern}.ir`);
      const mustNot = goldens.find(({ name }) => name === `no-${pattern}.ir`);
      expect(mustNot?.expected).to.not.match(new RegExp(`group ${pattern}\\b`));
    }
  });
});
