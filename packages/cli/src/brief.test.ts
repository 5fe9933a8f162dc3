import { expect } from "chai";
import { brief } from "./brief.ts";

describe("messages", () => {
  const long = `${"x".repeat(50_000)} and ${"y".repeat(50_000)}`;

  it("leave out the middle of an option's long text, however it is given", () => {
    for (const given of [long, `--input=${long}`, `${long}=1x2`, `x=1:${long},2`]) {
      const message = brief(`There is no file ${long}; give another.`, ["profile", given]);
      expect(message).to.match(/^There is no file x+…y+; give another\.$/);
      expect(message.length).to.be.below(200);
    }
  });

  it("stay as they are otherwise", () => {
    const message = `There is no file ${long}.`;
    expect(brief(message, ["profile", "x=1x2", "another"])).to.equal(message);
  });
});
