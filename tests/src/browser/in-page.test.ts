import { fileURLToPath } from "node:url";
import type { TimesReport } from "@opcounter/counters";
import { expect } from "chai";
import { build } from "esbuild";
import { openPage } from "./chromium.ts";

/** What a page posts that runs one source of this folder. */
async function resultOf(source: string): Promise<unknown> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
    conditions: ["opcounter-source"],
    logLevel: "error",
  });
  return openPage({ files: { "script.js": outputFiles[0]?.text ?? "" } });
}

describe("in a browser", () => {
  it("profiles on the virtual and on the page's device, and leaves tfjs as it was @linux", async () => {
    const result = await resultOf("in-page-program.ts");
    expect(result).to.include({
      macs: 14 * 14 * 27 * 8 + 8 * 4,
      params: 27 * 8 + 8 + 8 * 4 + 4,
      unchanged: true,
      backend: "cpu",
    });
    expect(result).to.have.deep.property("devices", ["virtual", "software"]);
    expect(result).to.have.deep.property("reading", ["BatchMatMul", "Relu"]);
    const { virtual, gpu } = result as { virtual: unknown; gpu: unknown };
    expect(gpu).to.deep.equal(virtual);
    const { times, timedMs } = result as { times: TimesReport; timedMs: number | null };
    // The flags that this Chromium is run with let it take fine timestamps.
    expect(times).to.include({ runs: 12, clockStepNs: null, unmeasured: 0 });
    expect(timedMs).to.be.greaterThan(0);
    expect(timedMs).to.be.at.most(times.wallMs);
  });

  it("says which ops may be other code's, and disposes of nothing of them @linux", async () => {
    expect(await resultOf("in-page-other-code.ts")).to.deep.equal({
      kernels: ["Add", "BatchMatMul", "Add", "Exp", "Sub", "Multiply"],
      warnings: [
        "2 ops ran while the program awaited, with no connection to its inputs or results: BatchMatMul, Add. A browser does not tell whether they are the program's or other code's. They are counted, and their tensors are kept.",
      ],
      isDisposed: [false, false, false],
      values: [10, 10, 12],
      // `a`, the product, the unread sum, and that plus 1.
      more: 4,
    });
  });
});
