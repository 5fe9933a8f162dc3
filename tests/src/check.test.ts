import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { complaint, opcounter, temporaryFolder } from "./command-line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("opcounter check", () => {
  const folder = temporaryFolder();
  before(() => {
    folder.write("g.ir", 'graph "g" device=virtual {\n  %x = input "x" : f32[2]\n  return %x\n}\n');
    opcounter(["profile", "resnet18", "--format", "json", "-o", "base.json"], folder.path);
  });
  after(folder.remove);

  it("exits with status 1 and says by how much a budget is exceeded", () => {
    const over = opcounter(["check", "mobilenet_v2", "--max-macs", "300M"]);
    expect(over.status).to.equal(1);
    expect(over.stderr).to.equal("");
    expect(over.stdout).to.match(
      /^mobilenet_v2 +MACs +300,774,272 +300,000,000 +774,272 +\+0\.3 %$/m,
    );
    expect(over.stdout).to.match(/^Over budget: 1 of 1 limit is exceeded\.$/m);
  });

  it("exits with status 0 within a budget", () => {
    const args = ["check", "mobilenet_v2", "--max-macs", "301M", "--max-params", "3.6M"];
    const { status, stdout } = opcounter([...args, "--max-host-ops", "0"]);
    expect(status).to.equal(0);
    expect(stdout).to.include("Within budget: 3 limits are kept.");
  });

  it("reads budgets of several models and their scopes from a file", () => {
    const budgets = [
      {
        target: "mobilenet_v2",
        max: { peakMemory: "30MiB" },
        scopes: { "features/*": { macs: "29M", hostOps: 0 } },
      },
      { target: "g.ir", convention: "torch", max: { flops: 0 }, strict: true },
    ];
    folder.write("opcounter.budget.json", JSON.stringify({ budgets }));
    const { status, stdout } = opcounter(["check", "--format", "json"], folder.path);
    expect(status).to.equal(1);
    const { passed, results } = JSON.parse(stdout);
    expect(passed).to.equal(false);
    expect(results.map((result: { passed: boolean }) => result.passed)).to.deep.equal([
      false,
      true,
    ]);
    const exceeded = results[0].limits.filter(
      ({ exceededBy }: { exceededBy: number | null }) => exceededBy !== null,
    );
    expect(exceeded).to.have.length(1);
    expect(exceeded[0]).to.include({ scope: "features/2", quantity: "macs", limit: 29_000_000 });
  });

  it("compares with a baseline", () => {
    const against = (target: string) =>
      opcounter(["check", target, "--baseline", "base.json", "--max-increase", "2%"], folder.path);
    expect(against("resnet18").status).to.equal(0);
    const { status, stdout } = against("resnet34");
    expect(status).to.equal(1);
    expect(stdout).to.match(/^resnet34 +params +21,797,672 +11,923,302 +9,874,370 +\+82\.8 %$/m);
  });

  it("fails, if strict, on what a device's limits refuse", () => {
    folder.write(
      "wide.ts",
      'export const inputs = ["x=1x40000000"];\nexport default (tf) => (x) => tf.relu(x);',
    );
    const args = ["check", "wide.ts", "--limits", "default"];
    expect(opcounter([...args, "--max-ops", "1"], folder.path).status).to.equal(0);
    const { status, stdout } = opcounter([...args, "--strict"], folder.path);
    expect(status).to.equal(1);
    expect(stdout).to.match(
      /^wide: refused: .* needs 160,000,000 bytes .*, and maxStorageBufferBindingSize/m,
    );
  });

  it("says what else than a limit is not kept, and of a budget without limits that it checks nothing", () => {
    folder.write(
      "unheard.ir",
      'graph "g" device=virtual {\n  %x = input "x" : f32[1]\n  %0 = Unheard(x=%x) : f32[1]\n  return %0\n}\n',
    );
    const strict = ["check", "unheard.ir", "--strict"];
    const lastLine = (args: string[]) =>
      opcounter(args, folder.path).stdout.trimEnd().split("\n").at(-1);
    expect(lastLine(strict)).to.equal("Over budget: not every kernel is counted.");
    expect(lastLine([...strict, "--max-macs", "1"])).to.equal(
      "Over budget: every limit is kept, but not every kernel is counted.",
    );
    for (const empty of [{}, { max: {} }, { scopes: { conv: {} } }, { strict: false }]) {
      const budgets = [{ target: "unheard.ir", ...empty }];
      folder.write("empty.json", JSON.stringify({ budgets }));
      expect(complaint(["check", "--budget", "empty.json"], folder.path)).to.match(
        /^opcounter: empty\.json, .*unheard\.ir: There is nothing to check; give a limit/,
      );
    }
  });

  it("refuses what a file says of the run of a saved graph", () => {
    const complaintOf = (said: object, ...options: string[]) => {
      const budgets = [{ target: "g.ir", strict: true, ...said }];
      folder.write("saved.json", JSON.stringify({ budgets }));
      return complaint(["check", "--budget", "saved.json", ...options], folder.path);
    };
    expect(complaintOf({ batch: 4 })).to.include("batch needs a run, and ");
    expect(complaintOf({ input: ["x=4"] })).to.include("input needs a run, and ");
    expect(complaintOf({}, "--limits", "default")).to.include("--limits needs a run, and ");
  });

  it("times the pass where a scope's time is limited", () => {
    const scopes = { "**": { gpuTime: "1ms" } };
    folder.write("time.json", JSON.stringify({ budgets: [{ target: "resnet18", scopes }] }));
    expect(complaint(["check", "--budget", "time.json", "-d", "virtual"], folder.path)).to.include(
      "The virtual device computes nothing, so there is no time to measure",
    );
  });

  it("takes a limit of a cost of the user's own", () => {
    const args = ["check", "mobilenet_v2", "--plugin", "examples/energy.ts", "--max"];
    expect(opcounter([...args, "energy=2mJ"]).status).to.equal(1);
    expect(opcounter([...args, "energy=1J"]).status).to.equal(0);
  });

  it("refuses what it cannot read, before anything runs", () => {
    expect(complaint(["check", "mobilenet_v2", "--max-macs", "lots"])).to.equal(
      'opcounter: "lots" is no limit for macs; write one such as 300M, 3.6M or 1e9.',
    );
    expect(complaint(["check", "mobilenet_v2"])).to.include("nothing to check; give a limit");
    expect(complaint(["check", "--max-macs", "1"])).to.include("no target; name a target");
    expect(complaint(["check", "resnet18", "--max", "x=1"])).to.include('no quantity "x"');
    expect(complaint(["check", "resnet18", "--max", "x"])).to.include("--max x names no cost");
    expect(complaint(["check"])).to.include(
      "There is no file opcounter.budget.json; name a target and a limit",
    );
    folder.write("bad.json", '{ "budgets": [{ "target": "resnet18", "maximum": {} }] }');
    expect(complaint(["check", "--budget", "bad.json"], folder.path)).to.match(
      /bad\.json holds no budgets: .*maximum.* at budgets\.0; see opcounter schema --budget/,
    );
    folder.write(
      "limit.json",
      '{ "budgets": [{ "target": "resnet18", "max": { "macs": "1x" } }] }',
    );
    expect(complaint(["check", "--budget", "limit.json"], folder.path)).to.equal(
      'opcounter: limit.json, resnet18: "1x" is no limit for macs; write one such as 300M, 3.6M or 1e9.',
    );
  });

  it("names the target that cannot be run or checked, where there are several", () => {
    const budgets = [
      { target: "resnet18", max: { macs: "2G" } },
      { target: "mobilenet_v2", scopes: { nothing: { macs: "1M" } } },
    ];
    folder.write("scopes.json", JSON.stringify({ budgets }));
    expect(complaint(["check", "--budget", "scopes.json"], folder.path)).to.equal(
      'opcounter: scopes.json, mobilenet_v2: No scope of mobilenet_v2 matches "nothing"; opcounter profile lists the scopes.',
    );
    const input = [{ target: "resnet18", input: ["photo=1x224x224x3"], max: { macs: "2G" } }];
    folder.write("input.json", JSON.stringify({ budgets: input }));
    expect(complaint(["check", "--budget", "input.json"], folder.path)).to.include(
      'opcounter: input.json, resnet18: The model has no input "photo"',
    );
    const several = ["resnet18", "gpt2", "--input", "image=1x224x224x3"];
    for (const command of [["check", "--max-macs", "2G"], ["profile"]]) {
      expect(complaint([...command, ...several])).to.include(
        'opcounter: gpt2: The model has no input "image"',
      );
    }
    expect(complaint(["profile", "resnet18", "./nowhere"])).to.equal(
      "opcounter: There is no file or folder ./nowhere.",
    );
  });

  it("publishes schemas of budgets and reports, which both keep to", () => {
    const validate = (args: string[], json: unknown) => {
      const schema = JSON.parse(opcounter(["schema", ...args]).stdout);
      const ajv = new Ajv2020({ strict: false });
      expect(ajv.validate(schema, json), ajv.errorsText()).to.equal(true);
      expect(schema.properties).to.include.all.keys(Object.keys(Object(json)));
    };
    const [, example = ""] =
      /```json\n([\s\S]*?)```/.exec(readFileSync(`${ROOT}/docs/ci.md`, "utf8")) ?? [];
    validate(["--budget"], JSON.parse(example));
    // How often its loop turns is not known: numbers that JSON lacks are among what is executed.
    folder.write(
      "search.mjs",
      `export const inputs = ["x=1x2000", "y=1x10"];
       export default (tf) => (x, y) => tf.lowerBound(tf.add(x, 1), y);`,
    );
    const more = ["--by", "line", "--executed", "--device-spec", "h100", "-o", "more.json"];
    opcounter(["profile", "search.mjs", "--format", "json", ...more], folder.path);
    opcounter(["profile", "g.ir", "--format", "json", "-o", "g.json"], folder.path);
    expect(readFileSync(`${folder.path}/more.json`, "utf8")).to.include('"Infinity"');
    for (const target of ["base.json", "g.json", "more.json"]) {
      validate(["--report"], JSON.parse(readFileSync(`${folder.path}/${target}`, "utf8")));
    }
  });

  it("runs as the action does @linux", () => {
    const action = readFileSync(`${ROOT}/action.yml`, "utf8");
    const [, script = ""] = /id: check[\s\S]*?run: \|\n([\s\S]*?)\n {4}- if:/.exec(action) ?? [];
    const run = (limit: string) => {
      folder.write("output", "");
      const outcome = spawnSync("bash", ["-eo", "pipefail", "-c", script], {
        cwd: folder.path,
        encoding: "utf8",
        env: {
          ...process.env,
          ...{ OPCOUNTER: ROOT, ARGUMENTS: `g.ir --max-ops ${limit}` },
          SUMMARY: `${folder.path}/summary.md`,
          GITHUB_STEP_SUMMARY: `${folder.path}/step.md`,
          GITHUB_OUTPUT: `${folder.path}/output`,
        },
      });
      const output = readFileSync(`${folder.path}/output`, "utf8").trim();
      return { status: outcome.status, output };
    };
    expect(run("0")).to.deep.equal({ status: 0, output: "passed=true" });
    expect(readFileSync(`${folder.path}/step.md`, "utf8")).to.match(/^### ✅ Within budget/);
    expect(run("none")).to.deep.equal({ status: 2, output: "" });
    folder.write(
      "g.ir",
      'graph "g" device=virtual {\n  %x = input "x" : f32[2]\n  %0 = Relu(x=%x) : f32[2]\n  return %0\n}\n',
    );
    expect(run("0")).to.deep.equal({ status: 0, output: "passed=false" });
    expect(run("1")).to.deep.equal({ status: 0, output: "passed=true" });
    // As YAML's | writes them: a limit in the second line holds, too.
    expect(run("1\n--max-flops 1\n")).to.deep.equal({ status: 0, output: "passed=false" });
  });

  it("is commented by the action on the pull request, as much of it as GitHub takes", async () => {
    const action = readFileSync(`${ROOT}/action.yml`, "utf8");
    const [, script = ""] = / script: \|\n([\s\S]*?)\n {4}- if:/.exec(action) ?? [];
    folder.write("package.json", '{ "type": "commonjs" }');
    folder.write(
      "comment.js",
      `module.exports = async (github, context, process) => {\n${script}\n};`,
    );
    const comment = createRequire(import.meta.url)(`${folder.path}/comment.js`);
    const comments: { id: number; body: string }[] = [];
    const issues = {
      listComments: undefined,
      createComment: async ({ body }: { body: string }) => comments.push({ id: 7, body }),
      updateComment: async ({ comment_id, body }: { comment_id: number; body: string }) =>
        Object.assign(comments.find(({ id }) => id === comment_id) ?? {}, { body }),
    };
    const github = { rest: { issues }, paginate: async () => comments };
    const context = {
      ...{ repo: { owner: "o", repo: "r" }, issue: { number: 1 }, runId: 5 },
      serverUrl: "https://github.example",
    };
    const say = async (text: string) => {
      folder.write("summary.md", text);
      await comment(github, context, { env: { SUMMARY: `${folder.path}/summary.md` } });
      expect(comments).to.have.length(1);
      return comments[0]?.body;
    };
    expect(await say("### Within\n")).to.equal("<!-- opcounter -->\n### Within\n");
    const long = await say("| a row |\n".repeat(10_000));
    expect(long).to.have.length.within(65_500, 65_536);
    expect(long).to.match(
      /\| a row \|\n\nThe rest is in the \[summary of the run\]\(https:\/\/github.example\/o\/r\/actions\/runs\/5\)\.\n$/,
    );
  });
});
