import type { ZooInput, ZooModel } from "../zoo/zoo-model.ts";

/** The zoo's models with their inputs and papers, one per line. */
export function renderZooList(models: readonly Omit<ZooModel, "build">[]): string {
  const longest = Math.max(...models.map(({ name }) => name.length));
  const lines = models.map(
    ({ name, inputs, paper }) =>
      `${name.padEnd(longest)}  ${sizes(inputs).padEnd(13)}  ${paper.title} (${paper.year})`,
  );
  return lines.join("\n");
}

function sizes(inputs: readonly ZooInput[]): string {
  return inputs.map(({ shape }) => shape.join("x")).join(" ");
}
