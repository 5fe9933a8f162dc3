import { OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import { readNpy } from "./npy.ts";
import { parsePythonLiteral } from "./python-literal.ts";

/** A .npy file with a header as given, and as many bytes of zeros behind it. */
function npy(header: string, dataBytes: number): Uint8Array {
  const start = Buffer.alloc(10);
  start.write("\u0093NUMPY\u0001", "latin1");
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header, "latin1"), Buffer.alloc(dataBytes)]);
}

const header = (shape: string, order = "False", descr = "'<f4'") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

function refusal(text: string, dataBytes = 0): string {
  try {
    readNpy(npy(text, dataBytes), "x.npy");
  } catch (error) {
    if (error instanceof OpcounterError) return error.message;
    throw error;
  }
  throw new Error(`${text} was read`);
}

describe("readNpy", () => {
  const shapeOf = (text: string, dataBytes: number) => readNpy(npy(text, dataBytes), "x.npy").shape;

  it("reads the header as the Python literal that it is", () => {
    expect(shapeOf(header("(4, 2)"), 32)).to.deep.equal([4, 2]);
    expect(shapeOf(header("(4L, 2L)"), 32)).to.deep.equal([4, 2]);
    expect(shapeOf(header("( 4 ,2,)"), 32)).to.deep.equal([4, 2]);
    expect(shapeOf(header("(0, 5)"), 0)).to.deep.equal([0, 5]);
    const otherOrder = `{"shape":(3,),"fortran_order":False,\n"descr":"|u1"}`;
    expect(shapeOf(otherOrder, 3)).to.deep.equal([3]);
    const twice = `{'shape': (9,), 'descr': '|u1', 'fortran_order': True, 'fortran_order': False, 'shape': (3,)}`;
    expect(shapeOf(twice, 3)).to.deep.equal([3]);
  });

  it("refuses a shape that is no tuple of sizes, as NumPy does", () => {
    for (const shape of ["(4 2)", "(4,, 2)", "(8)", "8", "[4, 2]", "(4, -2)", "(4, 2.0)", "(,)"]) {
      expect(refusal(header(shape), 32), shape).to.include("damaged");
    }
    for (const shape of ["('4', 2)", "(None, 8)", "((4,), 2)", "(4, 2", "(4, 2))"]) {
      expect(refusal(header(shape), 32), shape).to.include("damaged");
    }
  });

  it("refuses sizes that cannot be counted, even where there are no elements", () => {
    const huge = "9".repeat(20);
    for (const shape of [`(0, ${huge})`, `(${huge}, 0)`, `(${huge},)`, "(0, 9007199254740992)"]) {
      expect(refusal(header(shape)), shape).to.include("names no shape");
    }
    expect(refusal(header("(0, 4294967296, 4294967296)"))).to.include("names no shape");
    expect(refusal(header(`(${"9".repeat(400)},)`))).to.include("names no shape");
  });

  it("refuses an order that is neither True nor False", () => {
    for (const order of ["1", "0", "'True'", "None", "(True,)"]) {
      expect(refusal(header("(4, 2)", order), 32), order).to.include("neither True nor False");
    }
    expect(refusal(header("(4, 2)", "True"), 32)).to.include("Fortran order");
  });

  it("refuses a header with less, more or other than NumPy writes", () => {
    expect(refusal("{'descr': '<f4', 'fortran_order': False}")).to.include("names no shape");
    expect(refusal("{'fortran_order': False, 'shape': (1,)}", 4)).to.include("no element type");
    expect(
      refusal("{'x': 1, 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 4),
    ).to.include("more than NumPy writes");
    for (const text of ["", "[]", "{'shape': (1,)", "{'shape' (1,)}", "{} {}", "exec('x')"]) {
      expect(refusal(text), text).to.include("no Python dictionary");
    }
    expect(refusal(header("(1,)").padEnd(10_001), 4)).to.include("reads at most 10000");
    expect(refusal(header("(1,)", "False", "[('a', '<f4')]"), 4)).to.include("records");
  });
});

describe("parsePythonLiteral", () => {
  it("bounds how deep a literal nests", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parsePythonLiteral(nested(20))).to.not.equal(undefined);
    expect(parsePythonLiteral(nested(100_000))).to.equal(undefined);
  });

  it("tells a tuple of one from its item", () => {
    expect(parsePythonLiteral("(7)")).to.equal(7n);
    expect(parsePythonLiteral("(7,)")).to.deep.equal({ tuple: [7n] });
    expect(parsePythonLiteral("()")).to.deep.equal({ tuple: [] });
  });
});
