import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { BUNDLE, ROOT, temporaryFolder } from "../command-line.ts";
import { opcounterBeside, within } from "./beside.ts";
import { locateChromium, SOFTWARE_FLAGS } from "./chromium.ts";
import { COMPUTE, PAGES } from "./gpu-pages.ts";
import { servePage } from "./server.ts";

describe("record --device browser @linux", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const temporary = join(folder.path, "tmp");
  const { program, environment } = locateChromium();
  const flagsOf = (flags: readonly string[]) => [
    `--device=browser:${program}`,
    ...["--no-sandbox", ...flags].map((flag) => `--browser-flag=${flag}`),
  ];
  let close = () => {};
  let address = "";

  before(async () => {
    mkdirSync(temporary);
    const server = await servePage(PAGES);
    ({ close } = server);
    address = `http://127.0.0.1:${server.port}/`;
  });
  after(() => {
    close();
    folder.remove();
  });
  afterEach(() => expect(readdirSync(temporary)).to.deep.equal([]));

  const run = (args: readonly string[], flags: readonly string[] = SOFTWARE_FLAGS) =>
    runHere([BUNDLE, "record", ...args, ...flagsOf(flags)]);

  const runHere = (parts: readonly string[]) =>
    opcounterBeside(parts, { ...process.env, ...environment, TMPDIR: temporary });

  /** The graph of a page, in the text form. */
  async function graphOf(path: string, seconds: string, ...more: string[]): Promise<string> {
    const file = join(folder.path, "page.ir");
    const args = ["--url", `${address}${path}`, "--seconds", seconds, "--graph", file, ...more];
    const { said } = await run(args);
    expect(said).to.equal("");
    return readFileSync(file, "utf8");
  }

  /** What a graph says apart from where it was recorded. */
  const withoutPlace = (graph: string) =>
    graph.replace(/^graph .*/, "graph {").replaceAll(/\n {2}note .*/g, "");

  it("records a page, and a module in a page, as the graph of Node's virtual device", async () => {
    const module = join(folder.path, "compute.ts");
    writeFileSync(module, COMPUTE);
    const file = join(folder.path, "node.ir");
    expect((await runHere([BUNDLE, "record", module, "--graph", file])).said).to.equal("");
    const inNode = withoutPlace(readFileSync(file, "utf8"));
    expect(inNode).to.include("multiplyAdds=1000");
    expect((await run([module, "--graph", file])).said).to.equal("");
    expect(withoutPlace(readFileSync(file, "utf8"))).to.equal(inNode);
    await within(1, async (seconds) => {
      const inPage = await graphOf("compute.html", seconds);
      expect(inPage).to.match(/^graph "http:.*compute\.html" device="software in Chrom\w+ \d+"/);
      expect(withoutPlace(inPage)).to.equal(inNode);
    });
  });

  for (const name of ["jax", "typegpu"]) {
    it(`runs ${name}.ts in a page: the graph of Node`, async () => {
      const module = join(ROOT, `tests/src/record/programs/${name}.ts`);
      const graphs: string[] = [];
      for (const record of [
        run,
        (args: readonly string[]) => runHere([BUNDLE, "record", ...args]),
      ]) {
        const file = join(folder.path, `${graphs.length}.ir`);
        expect((await record([module, "--graph", file])).status).to.equal(0);
        graphs.push(withoutPlace(readFileSync(file, "utf8")));
      }
      expect(graphs[0]).to.equal(graphs[1]);
      expect(graphs[0]).to.include("multiplyAdds=");
    });
  }

  it("reports a page that draws in a loop: what it draws is named, and not counted", () =>
    within(1, async (seconds) => {
      const graph = await graphOf("draws.html", seconds);
      expect(graph).to.match(/webgpu\.draw\(.*pipeline="triangle"/);
      expect(graph).to.match(/wgsl\.scale\(/);
      expect(graph).to.match(
        /note "The page submitted \d+ times within \d+ seconds?, with 1 different list of commands\."/,
      );
    }));

  it("records what a page maps in a loop", () =>
    within(1, async (seconds) => {
      const graph = await graphOf("maps.html", seconds);
      expect(graph.match(/kind="readback"/g)).to.have.length(3);
    }));

  it("reports what ran before the page lost its device, and says so", () =>
    within(1, async (seconds) => {
      const graph = await graphOf("lost.html", seconds);
      expect(graph).to.include("wgsl.scale");
      expect(graph).to.include('note "The page lost its device: the page destroyed it; what it');
    }));

  it("records frames and workers", () =>
    within(2, async (seconds) => {
      const graph = await graphOf("nested.html", seconds);
      expect(graph.match(/@(page|frame|worker)$/gm)).to.deep.equal(["@page", "@frame", "@worker"]);
      expect(graph).to.match(
        /note "What the page's frames and workers submit stands one after another/,
      );
    }));

  it("says in one sentence what a page lacks", async () => {
    const said = async (path: string, seconds: string) =>
      (await run(["--url", `${address}${path}`, "--seconds", seconds])).said;
    expect(await said("empty.html", "1")).to.match(
      /^opcounter: http:.*empty\.html asks navigator\.gpu for no device within 1 second; record longer/,
    );
    await within(1, async (seconds) => {
      expect(await said("idle.html", seconds)).to.match(
        /^opcounter: http:.*idle\.html has a device and submits nothing to it within \d+ seconds?; /,
      );
    });
    const insecure = await run(
      ["--url", address.replace("127.0.0.1", "insecure.test"), "--seconds", "1"],
      [...SOFTWARE_FLAGS, "--host-resolver-rules=MAP insecure.test 127.0.0.1"],
    );
    expect(insecure.said).to.match(
      /^opcounter: http:\/\/insecure\.test.* has no navigator\.gpu; WebGPU is only at addresses of https, /,
    );
  });

  it("says so where a page hangs", async () => {
    const { said } = await run([
      ...["--url", `${address}hangs.html`, "--seconds", "1", "--timeout", "2"],
    ]);
    expect(said).to.match(/^opcounter: The page does not answer within 2 seconds; /);
  });

  it("records a page whose worker waits for ever, and says so", async () => {
    await within(1, async (seconds) => {
      const graph = await graphOf("waits.html", seconds, "--timeout", "2");
      expect(graph).to.match(/@page$/m);
      expect(graph).to.include(
        'note "1 worker or frame of the page gave no answer within 2 seconds:',
      );
    });
    const args = ["--url", `${address}only-waits.html`, "--seconds", "1", "--timeout", "2"];
    expect((await run(args)).said).to.match(
      /^opcounter: The page does not answer within 2 seconds; /,
    );
  });

  it("says so where a page crashes", async () => {
    const { said } = await run(
      ["--url", `${address}crashes.html`, "--seconds", "20"],
      [...SOFTWARE_FLAGS, "--js-flags=--max-old-space-size=40"],
    );
    expect(said).to.match(/^opcounter: The page crashed in Chrom\w+ \d+; it may have run out of /);
  });

  it("reports a module that throws until then, and ends with its error", async () => {
    const module = join(folder.path, "throws.ts");
    writeFileSync(module, `${COMPUTE}\nthrow new Error("the disk is full");`);
    const { stdout, said, status } = await run([module]);
    expect(stdout).to.include("scale");
    expect(said).to.match(/throws\.ts threw while it ran in the page: Error: the disk is full/);
    expect(status).to.be.greaterThan(0);
  });

  it("refuses options that do not go together", async () => {
    const said = async (...args: string[]) => (await runHere([BUNDLE, "record", ...args])).said;
    expect(await said()).to.match(/^opcounter: There is no module; /);
    expect(await said("--url", address)).to.match(/^opcounter: --url needs a browser; /);
    expect(await said("a.ts", "--seconds", "2")).to.match(/^opcounter: --seconds is for --url; /);
    expect(await said("a.ts", "--url", address)).to.match(/there is a module too; /);
  });
});
