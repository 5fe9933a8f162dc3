/**
 * Why a shader cannot be run: `refused` where WGSL itself does not allow it, so that a real device
 * refuses it too; `unsupported` where only this package does not know it.
 */
export class ShaderProblem extends Error {
  override name = "ShaderProblem";

  constructor(
    readonly kind: "refused" | "unsupported",
    /** The line of the source, from 1; 0 where it is not known. */
    readonly line: number,
    readonly reason: string,
  ) {
    super(line > 0 ? `line ${line}: ${reason}` : reason);
  }
}
