/** Names that a model may have, and that a terminal, a line or a format may trip over. */
export const HOSTILE_NAMES = [
  "\u001b[31mred", // ANSI: colour
  "\u001b]0;title\u0007", // ANSI: the window's title
  "\u001b[2J\u001b[H", // ANSI: clear the screen
  "\u009b32m", // C1: the same start in one character
  "a\nb",
  "a\r\nb",
  "a\rb",
  "\u0000",
  "\b\b\b",
  "\t",
  "\u007f",
  "\u0085", // C1: next line
  "a\u2028b\u2029c", // separators of lines and paragraphs
  "\u202ereversed\u202c", // overrides of the writing direction
  "\u2066isolated\u2069",
  "\u200f\u061c",
  "__proto__",
  "constructor",
  '"quoted"',
  "back\\slash",
  "<script>alert(1)</script>",
  "=1+1",
  "| a | b |",
  "a/b/**",
  "%0",
  "用紙",
  "",
] as const;

/** What may stand nowhere in an output, but for the ends of its own lines. */
export const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** A graph, in the text form, whose every name is the one given. */
export function graphOf(name: string): string {
  const n = JSON.stringify(name);
  return `graph ${n} device=${n} {
  %x = input ${n} : f32[1,4]
  %w = param ${n} : f32[4,4]
  %0 = ${n}(x=%x) {${n}=${n}} : f32[1,4]  @${n} call=0 dispatches=[${n}(1,1,1) {workgroupSize=[1,1,1], shader=${n}, buffers=[16], uniforms=[1]}]
  %1 = Relu(x=%0) {} : f32[1,4]  @${n} call=0 dispatches=[${n}(1,1,1)]
  %2 = Add(a=%1, b=%1) : f32[1,4]
  call 0 = layer ${n}(%x) params=[%w] results=[%1] @${n}
  group ${n}(0, 1)
  return %2
}
`;
}
