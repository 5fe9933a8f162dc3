import { expect } from "chai";
import { openPage, type WebGpu } from "./chromium.ts";

const PAGE = {
  "script.js": `
    const inWorker = await new Promise((resolve) => {
      new Worker("/worker.js").onmessage = ({ data }) => resolve(data);
    });
    const adapter = (await navigator.gpu?.requestAdapter()) ?? null;
    const value = {
      inPage: "gpu" in navigator,
      inWorker,
      adapter: adapter !== null,
      timestamps: adapter?.features.has("timestamp-query") ?? false,
    };
    await fetch("/result", { method: "POST", body: JSON.stringify(value) });`,
  "worker.js": `postMessage("gpu" in navigator);`,
};

describe("the browser that the tests run @linux", () => {
  const found: Readonly<Record<WebGpu, object>> = {
    software: { inPage: true, inWorker: true, adapter: true, timestamps: true },
    "no adapter": { inPage: true, inWorker: true, adapter: false, timestamps: false },
    absent: { inPage: false, inWorker: false, adapter: false, timestamps: false },
  };
  for (const webGpu of ["software", "no adapter", "absent"] as const) {
    it(`gives a page and its worker the WebGPU that is asked for: ${webGpu}`, async () => {
      expect(await openPage({ files: PAGE, webGpu })).to.deep.equal(found[webGpu]);
    });
  }

  it("tells an error that a page does not catch, and a page that posts nothing", async () => {
    const outcome = (script: string) =>
      openPage({ files: { "script.js": script }, timeout: 2_000 }).then(
        () => "posted",
        (error: unknown) => String(error),
      );
    expect(await outcome('throw new Error("lost");')).to.match(/in the page: Error: lost/);
    expect(await outcome("")).to.match(/posted nothing in 2000 ms/);
  });
});
