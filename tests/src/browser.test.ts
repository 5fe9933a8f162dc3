import { fileURLToPath } from "node:url";
import type { TimesReport } from "@opcounter/counters";
import { expect } from "chai";
import { build } from "esbuild";
import { openPage } from "./browser/chromium.ts";

describe("in a browser", () => {
  it("profiles on the virtual and on the page's device, and leaves tfjs as it was @linux", async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("browser-page.ts", import.meta.url))],
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      conditions: ["opcounter-source"],
      logLevel: "error",
    });
    const result = await openPage({ files: { "script.js": outputFiles[0]?.text ?? "" } });
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
});
