import { count } from "@opcounter/counters";
import { closeDevices, type Device, openDevice } from "@opcounter/tracer";
import { expect } from "chai";
import { traceZoo } from "./zoo-graph.ts";

/**
 * Models of the zoo that no tool was run on, held to formulas that follow from their architecture.
 */
describe("zoo, by formula", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });
  after(closeDevices);

  const inspect = async (name: string) => {
    const graph = await traceZoo(device, name);
    const { totals, uncounted } = count(graph, { strict: true });
    expect(uncounted).to.deep.equal([]);
    return { params: totals.params, macs: totals.macs };
  };

  it("mobilenet_v1 is a convolution, 13 separable ones and a linear layer", async () => {
    const { params, macs } = await inspect("mobilenet_v1");
    const norm = (channels: number) => 2 * channels;
    let [channels, size] = [32, 112];
    let expectedParams = 9 * 3 * 32 + norm(32) + 1024 * 1000 + 1000;
    let expectedMacs = 9 * 3 * 32 * size ** 2 + 1024 * 1000;
    for (const filters of [64, 128, 128, 256, 256, 512, ...Array(5).fill(512), 1024, 1024]) {
      // The image is halved where the filters are doubled, but for the first time.
      if (filters > channels && channels > 32) size /= 2;
      expectedParams += 9 * channels + norm(channels) + channels * filters + norm(filters);
      expectedMacs += (9 * channels + channels * filters) * size ** 2;
      channels = filters;
    }
    expect(params).to.equal(expectedParams).and.to.equal(4_231_976);
    expect(macs).to.equal(expectedMacs).and.to.equal(568_740_352);
  });
});
