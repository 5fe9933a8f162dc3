import { expect } from "chai";
import { declaredDType } from "./inputs.ts";

describe("the dtype of a declared input", () => {
  it("is float32 where the model leaves it open, and else a dtype of TensorFlow.js", () => {
    expect(declaredDType("x", "int32")).to.equal("int32");
    expect(declaredDType("x", null)).to.equal("float32");
    expect(() => declaredDType("x", "float64"))
      .to.throw('The model declares its input "x" as float64')
      .with.property("code", "model-invalid");
  });
});
