import type { PipelineFacts } from "../commands.ts";

/** How many digits of a shader's hash tell it from others. */
const DIGITS = 6;

/**
 * The names of pipelines: the label of the pipeline, else that of its shader module, else the entry
 * point. Where different shaders would have one name, each has a part of its hash; where one shader is
 * run at different entry points or with different constants, these.
 *
 * @param entryOf the entry point of a pipeline's shader.
 */
export function pipelineNames(
  pipelines: Iterable<PipelineFacts>,
  entryOf: (pipeline: PipelineFacts) => string,
): (pipeline: PipelineFacts) => string {
  const plain = (pipeline: PipelineFacts) =>
    pipeline.label || pipeline.moduleLabel || entryOf(pipeline);
  const byName = new Map<string, PipelineFacts[]>();
  for (const pipeline of pipelines) {
    const name = plain(pipeline);
    byName.set(name, [...(byName.get(name) ?? []), pipeline]);
  }
  return (pipeline) => {
    const name = plain(pipeline);
    const same = byName.get(name) ?? [];
    const differ = (what: (each: PipelineFacts) => string) => new Set(same.map(what)).size > 1;
    const shader = differ(({ shader }) => shader) ? `#${pipeline.shader.slice(0, DIGITS)}` : "";
    const entry = differ(entryOf) && entryOf(pipeline) !== name ? `.${entryOf(pipeline)}` : "";
    const constants = differ(constantsOf) ? constantsOf(pipeline) : "";
    return `${name}${shader}${entry}${constants}`;
  };
}

/** `(TILE=8, 3=1)` */
function constantsOf({ constants }: PipelineFacts): string {
  const given = Object.entries(constants).map(([name, value]) => `${name}=${value}`);
  return given.length === 0 ? "" : `(${given.join(", ")})`;
}
