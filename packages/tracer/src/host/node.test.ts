import { expect } from "chai";
import { runApart } from "../../testing/run-apart.ts";

describe("Node's async context", () => {
  it("follows no await once the program has ended, which would slow down those of the process", () => {
    // What runs tests may follow awaits itself, so this needs a process of its own. The id is 0 where
    // nothing follows them.
    const program = `
      import { executionAsyncId } from "node:async_hooks";
      import { host } from ${JSON.stringify(new URL("node.ts", import.meta.url).href)};
      const context = host.asyncContext;
      const isFollowed = async () => { await null; return executionAsyncId() > 0; };
      let late;
      const wait = () => new Promise((resolve) => { late = resolve; });
      const program = async (answer) => { await null; return [context.isInside(), answer]; };
      const before = await isFollowed();
      let left;
      const first = await context.start(() => {
        left = wait().then(() => context.isInside());
        return program(1);
      });
      const after = await isFollowed();
      const failed = await context.start(async () => { throw new Error("mine"); }).catch(String);
      const [second] = await Promise.all([context.start(() => program(2)), late()]);
      console.log(JSON.stringify({ before, first, after, failed, second, left: await left,
        end: await isFollowed() }));
    `;
    expect(JSON.parse(runApart(program))).to.deep.equal({
      ...{ before: false, first: [true, 1], after: false, failed: "Error: mine" },
      ...{ second: [true, 2], left: false, end: false },
    });
  });
});
