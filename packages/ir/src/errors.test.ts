import { expect } from "chai";
import { OpcounterError } from "./errors.ts";

describe("OpcounterError", () => {
  it("ends its message with the remedy, in the sentence or after it", () => {
    const within = new OpcounterError("input-invalid", "The inputs are one tensor", {
      remedy: "pass them in an array",
    });
    expect(within.message).to.equal("The inputs are one tensor; pass them in an array.");
    expect(within).to.include({ code: "input-invalid", remedy: "pass them in an array" });

    const after = new OpcounterError("pass-unknown", 'There is no pass "fus".', {
      remedy: 'Did you mean "fuse"?',
    });
    expect(after.message).to.equal('There is no pass "fus". Did you mean "fuse"?');
  });

  it("has its sentence alone, and no cause, where nothing else is given", () => {
    const error = new OpcounterError("file-unreadable", "a.npy cannot be read: EISDIR.");
    expect(error).to.be.instanceOf(Error).with.property("name", "OpcounterError");
    expect(error.message).to.equal("a.npy cannot be read: EISDIR.");
    expect(error.remedy).to.equal(undefined);
    expect(error).not.to.have.own.property("cause");
  });

  it("keeps its cause", () => {
    const cause = new Error("late");
    expect(new OpcounterError("pass-failed", "It failed.", { cause }).cause).to.equal(cause);
  });
});
