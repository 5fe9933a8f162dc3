import { expect } from "chai";
import { print, VerifyError } from "../index.ts";
import { ParseError, parse } from "../read.ts";

const TINY = `graph "tiny" device=virtual {
  %image   = input "image"   : f32[1,4,4,3]
  %conv1.w = param "conv1/w" : f32[3,3,3,8]
  %0 = Conv2D(x=%image, filter=%conv1.w) {strides=[1,1], pad="same"} : f32[1,4,4,8]  @conv1
  %1 = Reshape(x=%0) {shape=[1,128]} : f32[1,128]  @flatten placement=view
  return %1
}
`;

/** The error that a text gives once a part of the tiny graph is replaced. */
function error(part: string, replacement: string): ParseError {
  expect(TINY).to.contain(part);
  try {
    parse(TINY.replace(part, replacement), "tiny.ir");
  } catch (thrown) {
    if (thrown instanceof ParseError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

const firstLine = ({ message }: ParseError) => message.split("\n")[0];

describe("parse", () => {
  it("reads what print writes", () => {
    expect(print(parse(TINY))).to.equal(TINY);
  });

  it("takes any names of values, comments, blank lines and line ends of Windows", () => {
    const text = TINY.replaceAll("%0", "%features")
      .replace("  return", "\n  # the end\n  return")
      .replaceAll("\n", "\r\n");
    expect(print(parse(text))).to.equal(TINY);
  });

  it("says where, what was expected and what was found", () => {
    const thrown = error("pad=", "pad:");
    expect(thrown).to.include({ source: "tiny.ir", line: 4, column: 61 });
    expect(thrown.message).to.equal(
      [
        'tiny.ir:4:61: expected "=", found ":"',
        '4 |   %0 = Conv2D(x=%image, filter=%conv1.w) {strides=[1,1], pad:"same"} : f32[1,4,4,8]  @conv1',
        `  | ${" ".repeat(60)}^`,
      ].join("\n"),
    );
  });

  it("shows a long line around the mistake only", () => {
    const { message } = error("strides=[1,1]", `strides=[${"1, ".repeat(100)}oops]`);
    const [, excerpt = "", caret = ""] = message.split("\n");
    expect(excerpt).to.have.length.lessThan(130);
    expect(excerpt.slice(caret.indexOf("^"))).to.match(/^oops\]/);
  });

  const mistakes: Record<string, [string, string, string]> = {
    "the header": ["graph", "graf", '1:1: expected "graph", found "graf"'],
    "the name": ['"tiny"', "tiny", '1:7: expected the graph\'s name in quotes, found "tiny"'],
    "a string without end": [
      '"image" ',
      '"image',
      "2:20: expected a name, a value or punctuation, found a string that does not end on its line",
    ],
    "a bad escape": [
      '"image"',
      '"im\\age"',
      '2:20: expected a string quoted as in JSON, found "im\\age"',
    ],
    "a strange character": [
      "{strides",
      "; {strides",
      '4:42: expected a name, a value or punctuation, found ";"',
    ],
    "a type that is none": [
      "f32[1,128]",
      "f31[1,128]",
      '5:40: expected a type such as f32[1,2] (of float32, int32, bool, complex64, string), found "f31"',
    ],
    "a dimension": ["f32[1,128]", "f32[1,-1]", '5:46: expected a dimension, found "-1"'],
    "no type": [
      " : f32[1,128]  @flatten placement=view",
      "",
      '5:37: expected ":" and a type such as f32[1,2], found the end of line',
    ],
    "an unknown value": ["x=%0", "x=%2", "5:18: %2 is not defined above"],
    "a value defined twice": ["%1 = Reshape", "%0 = Reshape", "5:3: %0 is defined twice"],
    "an operand given twice": ["filter=", "x=", '4:25: operand "x" is given twice'],
    "an attribute given twice": ["pad=", "strides=", '4:58: attribute "strides" is given twice'],
    "an attribute that is none": [
      '"same"',
      "same",
      '4:62: expected an attribute: a number, "string", true, false, null, [list] or {object}, found "same"',
    ],
    "two results of an input": [
      "%image   =",
      "%image, %b =",
      '2:11: expected "=", since input defines one value',
    ],
    "a placement": ["=view", "=tpu", '5:71: expected gpu, cpu or view, found "tpu"'],
    "notes out of order": [
      "@flatten placement=view",
      "placement=view @flatten",
      '5:67: expected @scope, call=, placement= or dispatches=, in this order, or the end of line, found "@"',
    ],
    "two workgroup numbers": [
      "@conv1",
      "dispatches=[P(1,1)]",
      "4:99: expected three numbers of workgroups, such as (8,1,1)",
    ],
    "a statement": [
      "  return %1",
      "  7",
      '6:3: expected a value such as %0, an op, "call", "group" or "return", found "7"',
    ],
    "no return": [
      "  return %1\n",
      "",
      '6:1: expected a value such as %0, an op, "call", "group" or "return", found "}"',
    ],
    "no end": ["}\n", "", '7:1: expected "}", found the end of text'],
    "more after the end": ["}\n", "}\ngraph", '8:1: expected the end of text, found "graph"'],
    "the order of calls": [
      "  return",
      "  call 3 = layer Conv2D()\n  return",
      "6:8: expected call 0, found call 3",
    ],
    "what a param may say": [
      ": f32[3,3,3,8]",
      "{trainable=1} : f32[3,3,3,8]",
      '3:30: expected trainable=true or false, stored=one of "uint8", "uint16", "float16", zeros=a count',
    ],
  };
  for (const [mistake, [part, replacement, message]] of Object.entries(mistakes)) {
    it(`finds a mistake in ${mistake}`, () => {
      expect(firstLine(error(part, replacement))).to.equal(`tiny.ir:${message}`);
    });
  }

  it("refuses lines that are right by themselves but do not fit together", () => {
    expect(() => parse(TINY.replace("@flatten", "@flatten call=2"))).to.throw(
      VerifyError,
      "it belongs to call 2, which does not exist",
    );
    expect(() => parse(TINY.replace(": f32[3,3,3,8]", "{zeros=217} : f32[3,3,3,8]"))).to.throw(
      VerifyError,
      "has 217 zeros, but its shape [3,3,3,8] has 216 elements",
    );
  });
});

describe("parse, of attributes that nest", () => {
  const nested = (depth: number) => {
    const list = "[".repeat(depth) + "]".repeat(depth);
    return `graph "g" device=virtual {\n  %0 = input "x" : f32[2]\n  %1 = Own(x=%0) {a=${list}} : f32[2]\n  return %1\n}\n`;
  };

  it("reads what is as deep as a graph's may be, and refuses what is deeper", () => {
    expect(parse(nested(40)).ops).to.have.length(1);
    for (const depth of [66, 100_000]) {
      expect(() => parse(nested(depth))).to.throw(ParseError, "attributes nest deeper than 64");
    }
  });
});

describe("parse, of scopes that nest", () => {
  it("refuses what is deeper than any model", () => {
    const scoped = (depth: number) =>
      `graph "g" device=virtual {\n  %0 = input "x" : f32[2]\n  %1 = Relu(x=%0) : f32[2]  @${Array(depth).fill("a").join("/")}\n  return %1\n}\n`;
    expect(parse(scoped(256)).ops[0]?.scope).to.have.length(256);
    expect(() => parse(scoped(20_000))).to.throw(
      VerifyError,
      "op 0 is in a scope of 20000 names, and at most 256 nest",
    );
  });
});

describe("parse, of quoted names", () => {
  it("reads escapes, and the names of what every object has, and refuses one given twice", () => {
    const own = (attributes: string) =>
      `graph "g" device=virtual {\n  %0 = input "x" : f32[2]\n  %1 = Own("__proto__"=%0) {${attributes}} : f32[2]\n  return %1\n}\n`;
    const text = own('"__proto__"="a\\tb", "toString"="c"');
    const [op] = parse(text).ops;
    expect(Object.entries(op?.operands ?? {})).to.deep.equal([["__proto__", 0]]);
    expect(Object.entries(op?.attrs ?? {})).to.deep.equal([
      ["__proto__", "a\tb"],
      ["toString", "c"],
    ]);
    expect(() => parse(own('"__proto__"=1, "__proto__"=2'))).to.throw(
      ParseError,
      'attribute "__proto__" is given twice',
    );
    expect(() => parse(own('a="b\tc"'))).to.throw(ParseError, "quoted as in JSON");
  });
});
