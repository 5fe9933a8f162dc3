import { OpcounterError } from "@opcounter/ir/core";
import { parse } from "@opcounter/ir/read";
import { expect } from "chai";
import { count } from "../count.ts";
import { REPORT_QUANTITIES } from "../report/report-quantities.ts";
import { increased, readAmount, readPercent } from "./amount.ts";
import type { Budget } from "./budget.ts";
import { check } from "./check.ts";

const graph = parse(`graph "g" device=virtual {
  %x = input "x" : f32[1,100]
  %w = param "w" : f32[100,10]
  %0 = _FusedMatMul(a=%x, b=%w) {transposeA=false, transposeB=false, activation="linear"} : f32[1,10]  @body/dense
  %1 = Relu(x=%0) : f32[1,10]  @body/act placement=cpu
  %2 = Relu(x=%1) : f32[1,10]  @head
  return %2
}
`);
const ENERGY = { name: "energy", unit: "pJ", description: "", total: "sum", op: "macs" } as const;
const report = count(graph, { costs: [ENERGY] });
const checked = (budget: Budget) => check(report, budget);

describe("an amount", () => {
  it("is read in the unit of its quantity, exactly", () => {
    const amounts: readonly [string, string, unknown][] = [
      ["300M", "count", 300_000_000],
      ["3.6M", "count", 3_600_000],
      ["1e9", "count", 1_000_000_000],
      ["301,000,000", "count", 301_000_000],
      ["301_000_000", "count", 301_000_000],
      ["1,500.5K", "count", 1_500_500],
      ["9007199254740993", "count", 9_007_199_254_740_993n],
      ["0.5", "count", 0],
      ["1.5GiB", "bytes", 1_610_612_736],
      ["500kB", "bytes", 500_000],
      ["2mJ", "pJ", 2e9],
      ["2", "pJ", 2],
      ["0.3nJ", "pJ", 300],
      ["800us", "ms", 0.8],
      ["2s", "ms", 2000],
      ["3kpoints", "points", 3000],
    ];
    for (const [text, unit, value] of amounts) expect(readAmount(text, unit), text).to.equal(value);
  });

  it("is nothing else", () => {
    const none = ["lots", "", "-1", "1.5GiB", "NaN", "1e-3", "1 2", "3Q"];
    // A comma in place of a point.
    for (const text of [...none, "3,6M", "0,77G", "3,60M", "1,2345", "1,"]) {
      expect(readAmount(text, "count"), text).to.equal(undefined);
    }
    expect(readAmount("2mW", "pJ")).to.equal(undefined);
    expect(readAmount("64M", "bytes")).to.equal(undefined);
    for (const text of ["-2%", "two", "%", "2%%"]) expect(readPercent(text)).to.equal(undefined);
  });

  it("increases by a percentage, exactly", () => {
    expect(increased(1000, readPercent("2.5%") ?? 0n)).to.equal(1025);
    expect(increased(10n ** 30n, readPercent("0.0000001%") ?? 0n)).to.equal(
      10n ** 30n + 10n ** 21n,
    );
    expect(increased(99, readPercent("1") ?? 0n)).to.equal(99);
  });
});

describe("check", () => {
  it("says by how much a limit is exceeded", () => {
    const { passed, limits } = checked({ max: { macs: "0.9k", params: 1000, energy: "1nJ" } });
    expect(passed).to.equal(false);
    expect(limits.map(({ quantity, exceededBy }) => [quantity, exceededBy])).to.deep.equal([
      ["macs", 100],
      ["params", null],
      ["energy", null],
    ]);
    expect(limits[0]?.percent).to.be.closeTo(11.11, 0.01);
  });

  it("is not passed by a budget of which it reads nothing", () => {
    const budgets: readonly [unknown, RegExp][] = [
      [{ macs: 1 }, /The budget has no part "macs"\. .*max/],
      [{ maxx: { macs: 1 } }, /The budget has no part "maxx"\. Did you mean "max"\?/],
      [null, /The budget is no object; give \{ max, /],
      [[{ max: { macs: 1 } }], /The budget is no object/],
      [{ max: 1 }, /"1" is no limits/],
      [{ scopes: { head: 1 } }, /"1" is no limits/],
      [{ max: { macs: null } }, /"null" is no limit for macs/],
      [{ max: { macs: [] } }, /"" is no limit for macs/],
    ];
    for (const [budget, sentence] of budgets) {
      // Sound: a budget may come from a file.
      expect(() => checked(budget as Budget), String(sentence)).to.throw(OpcounterError, sentence);
    }
    expect(checked({ max: { macs: 2000n } }).passed).to.equal(true);
  });

  it("limits every quantity that the model has", () => {
    const names = REPORT_QUANTITIES.map(({ name }) => name).filter((name) => name !== "gpuTime");
    for (const [i, name] of names.entries()) {
      const value = REPORT_QUANTITIES[i]?.of(report) ?? 0;
      expect(checked({ max: { [name]: value } }).passed, name).to.equal(true);
      if (value > 0) expect(checked({ max: { [name]: 0 } }).passed, name).to.equal(false);
    }
  });

  it("limits each outermost scope that a pattern matches", () => {
    const of = (pattern: string) =>
      checked({ scopes: { [pattern]: { flops: 10, hostOps: 0 } } }).limits.map(
        ({ scope, quantity, exceededBy }) => `${scope} ${quantity} ${exceededBy}`,
      );
    expect(of("**")).to.deep.equal([
      "body flops 2000",
      "body hostOps 1",
      "head flops null",
      "head hostOps null",
    ]);
    expect(of("body/act")).to.deep.equal(["body/act flops null", "body/act hostOps 1"]);
  });

  it("limits a scope whose name is that of another and one character more", () => {
    const layers = count(
      parse(`graph "g" device=virtual {
  %x = input "x" : f32[1,100]
  %0 = Relu(x=%x) : f32[1,100]  @layer1
  %1 = Relu(x=%0) : f32[1,100]  @layer10/act
  return %1
}
`),
    );
    const { passed, limits } = check(layers, { scopes: { "layer*": { flops: 1 } } });
    expect(limits.map(({ scope }) => scope)).to.deep.equal(["layer1", "layer10"]);
    expect(passed).to.equal(false);
  });

  it("allows so much more than a baseline", () => {
    const baseline = count(graph, { ignore: ["head"] });
    const exceeded = (maxIncrease: string) =>
      checked({ baseline, maxIncrease })
        .limits.filter(({ exceededBy }) => exceededBy !== null)
        .map(({ quantity }) => quantity);
    expect(exceeded("0%")).to.include.members(["flops", "ops"]);
    expect(exceeded("0%")).to.not.include("macs");
    expect(exceeded("100%")).to.deep.equal([]);
  });

  it("refuses a baseline that has what the report lacks", () => {
    const inUnit = (unit: string) => count(graph, { costs: [{ ...ENERGY, unit }] });
    const within = { baseline: report, maxIncrease: 0 };
    expect(check(inUnit("pJ"), within).passed).to.equal(true);
    expect(check(report, { ...within, baseline: count(graph) }).passed).to.equal(true);
    for (const other of [count(graph), inUnit("nJ")]) {
      expect(() => check(other, within)).to.throw(/baseline has energy \(pJ\).*same plugins/s);
    }
  });

  it("fails, if strict, on kernels that nothing counts", () => {
    const unheard = count(
      parse(`graph "g" device=virtual {
  %x = input "x" : f32[1]
  %0 = Unheard(x=%x) : f32[1]
  return %0
}
`),
    );
    expect(check(unheard, {}).passed).to.equal(true);
    const { passed, uncounted } = check(unheard, { strict: true });
    expect([passed, uncounted]).to.deep.equal([false, [{ kernel: "Unheard", ops: 1 }]]);
  });

  it("refuses what is no budget", () => {
    const budgets: readonly [Budget, RegExp][] = [
      [{ max: { macs: "lots" } }, /^"lots" is no limit for macs; write one such as 300M/],
      [{ max: { macs: -1 } }, /"-1" is no limit/],
      [{ max: { mac: "1" } }, /no quantity "mac" to limit\. Did you mean "macs"/],
      [{ max: { gpuTime: "1ms" } }, /no time was measured/],
      [{ scopes: { "tail/**": { macs: 1 } } }, /No scope of g matches "tail\/\*\*"/],
      [{ scopes: { head: { peakMemory: 1 } } }, /A scope has no peakMemory of its own/],
      [{ maxIncrease: "2%" }, /go together/],
      [{ baseline: report, maxIncrease: "much" }, /"much" is no increase; write one such as 2%/],
    ];
    for (const [budget, message] of budgets) expect(() => checked(budget)).to.throw(message);
    const torch = count(graph, { convention: "torch" });
    expect(() => check(torch, { max: { macs: 1 } })).to.throw(/torch does not count it/);
    expect(() => check(torch, { baseline: report, maxIncrease: 1 })).to.throw(/the baseline by/);
  });
});
