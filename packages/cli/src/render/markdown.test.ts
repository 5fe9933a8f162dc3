import { expect } from "chai";
import { markdownText } from "./markdown.ts";

describe("a name in Markdown", () => {
  it("is text, with nothing in it that Markdown, HTML or GitHub obeys", () => {
    const hostile: readonly (readonly [name: string, obeyed: string])[] = [
      ["<script>alert(1)</script>", "<"],
      ["[a](https://example.com)", "]("],
      ["![a][b]", "]["],
      ["| a | b |", "|"],
      ["`code`", "`"],
      ["*bold* _it_ ~no~", "*"],
      ["@someone", "@"],
      ["a@example.com", "@"],
      ["https://example.com", ":/"],
      ["www.example.com", "www."],
      [":smile:", ":s"],
      ["&lt;", "&lt"],
      ["$x$", "$"],
      ["a\n# b", "\n"],
    ];
    for (const [name, obeyed] of hostile) {
      const text = markdownText(name);
      expect(text.replaceAll(/&#\d+;/g, ""), name).to.not.include(obeyed);
      expect(text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))).to.equal(
        name.replaceAll("\n", "\\n"),
      );
    }
  });

  it("that is harmless stays as it is", () => {
    expect(markdownText("mobilenet_v2/conv1 [1, 2]")).to.equal("mobilenet_v2/conv1 [1, 2]");
  });
});
