import { expect } from "chai";
import { addWork, noWork, WORK_KINDS } from "./work.ts";

describe("a sum of work", () => {
  // `addWork` names each kind, so that one more might be left out.
  for (const kind of WORK_KINDS) {
    it(`has ${kind}`, () => {
      const sum = noWork();
      addWork(sum, { ...noWork(), [kind]: 3 });
      addWork(sum, { ...noWork(), [kind]: 2 }, 5);
      expect(sum).to.deep.equal({ ...noWork(), [kind]: 13 });
    });
  }
});
