import { expect } from "chai";
import { analyse, bufferPlan, GraphBuilder, liveness, valuesAliveAt } from "../index.ts";

const f32 = (...shape: number[]) => ({ dtype: "float32", shape }) as const;

/** x → conv (uses w) → reshape (view) → relu → add with conv's reshape → result */
function residual() {
  const builder = new GraphBuilder("residual");
  const x = builder.input("x", f32(4));
  const w = builder.param("w", f32(2));
  const [a = -1] = builder.op({ kernel: "Mul", operands: { x, w }, results: [f32(8)] });
  const [view = -1] = builder.op({
    kernel: "Reshape",
    operands: { x: a },
    attrs: { shape: [2, 4] },
    results: [f32(2, 4)],
    placement: "view",
  });
  const [b = -1] = builder.op({ kernel: "Relu", operands: { x: x }, results: [f32(16)] });
  const [c = -1] = builder.op({ kernel: "F", operands: { a: b, b: view }, results: [f32(1)] });
  builder.setResults([c]);
  return builder.build();
}

describe("liveness", () => {
  it("keeps a buffer alive as long as a view of it is used", () => {
    const graph = residual();
    const { bytesAt, peakBytes, peakOps, residentBytes, buffersOf, birth, death } = analyse(
      graph,
      liveness,
    );
    expect(residentBytes).to.equal(24);
    expect([...bytesAt]).to.deep.equal([24 + 32, 24 + 32, 24 + 32 + 64, 24 + 32 + 64 + 4]);
    expect(peakBytes).to.equal(124);
    expect(peakOps).to.deep.equal([3]);
    expect(buffersOf(3)).to.deep.equal(buffersOf(2));
    expect([...birth]).to.deep.equal([-1, -1, 0, 1, 2, 3]);
    expect([...death]).to.deep.equal([4, 4, 1, 3, 3, 4]);
    expect(valuesAliveAt(graph, 2).map(({ id }) => id)).to.deep.equal([0, 1, 3, 4]);
  });

  it("lets a complex tensor live in both its parts", () => {
    const builder = new GraphBuilder("complex");
    const x = builder.input("x", f32(2));
    const [real = -1] = builder.op({ kernel: "Cos", operands: { x }, results: [f32(2)] });
    const [imag = -1] = builder.op({ kernel: "Sin", operands: { x }, results: [f32(2)] });
    const [pair = -1] = builder.op({
      kernel: "Complex",
      operands: { real, imag },
      results: [{ dtype: "complex64", shape: [2] }],
      placement: "view",
    });
    builder.op({ kernel: "ComplexAbs", operands: { x: pair }, results: [f32(2)] });
    const { buffersOf, bytesAt } = analyse(builder.build(), liveness);
    expect(buffersOf(pair)).to.have.length(2);
    expect([...bytesAt]).to.deep.equal([16, 24, 24, 32]);
  });

  it("counts what is resident where no op runs", () => {
    const builder = new GraphBuilder("empty");
    builder.setResults([builder.input("x", f32(3))]);
    const { peakBytes, peakOps } = analyse(builder.build(), liveness);
    expect({ peakBytes, peakOps }).to.deep.equal({ peakBytes: 12, peakOps: [] });
  });

  it("is computed once a graph", () => {
    const graph = residual();
    expect(analyse(graph, liveness)).to.equal(analyse(graph, liveness));
    expect(analyse(residual(), liveness)).not.to.equal(analyse(graph, liveness));
  });
});

describe("the buffer plan", () => {
  it("reuses the buffers of a chain alternately", () => {
    const builder = new GraphBuilder("chain");
    let x = builder.input("x", f32(4));
    for (let i = 0; i < 6; i++) {
      [x = -1] = builder.op({ kernel: "Relu", operands: { x }, results: [f32(4 + i)] });
    }
    builder.setResults([x]);
    const graph = builder.build();
    const { slotOf, slotBytes, totalBytes } = analyse(graph, bufferPlan);
    expect([...slotOf]).to.deep.equal([-1, 0, 1, 0, 1, 0, 1]);
    expect(slotBytes).to.deep.equal([32, 36]);
    expect(totalBytes).to.equal(16 + 68);
  });
});
