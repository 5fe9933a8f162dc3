import { expect } from "chai";
import { shortBytes, shortCount } from "./index.ts";

describe("numbers in three or four digits", () => {
  it("go on to the next unit where rounding gets there", () => {
    const counts: readonly [number | bigint, string][] = [
      [9999, "9,999"],
      [10_000, "10.00 K"],
      [99_996, "100.0 K"],
      [999_940, "999.9 K"],
      [999_960, "1.000 M"],
      [9_999_600, "10.00 M"],
      [999_960_000n, "1.000 G"],
    ];
    for (const [count, text] of counts) expect(shortCount(count)).to.equal(text);
    const bytes: readonly [number, string][] = [
      [1023, "1,023 B"],
      [1024, "1.000 KiB"],
      [6400, "6.250 KiB"],
      [2 ** 20 - 1, "1.000 MiB"],
      [2 ** 30, "1.000 GiB"],
    ];
    for (const [count, text] of bytes) expect(shortBytes(count)).to.equal(text);
  });
});
