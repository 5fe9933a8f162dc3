import type { Shape } from "@opcounter/ir";

/** Where the batch, the spatial axes and the channels of an image or volume stand. */
export interface Layout {
  readonly isChannelsFirst: boolean;
}

export const CHANNELS_LAST: Layout = { isChannelsFirst: false };

export function layoutOf(dataFormat: string | undefined): Layout {
  return { isChannelsFirst: dataFormat?.startsWith("NC") ?? false };
}

/** Batch, spatial axes and channels of a shape, or of an index. */
export interface Parts {
  readonly batch: number;
  readonly spatial: readonly number[];
  readonly channel: number;
}

export function partsOf({ isChannelsFirst }: Layout, shape: Shape): Parts {
  const [batch = 0, ...rest] = shape;
  return isChannelsFirst
    ? { batch, channel: rest[0] ?? 0, spatial: rest.slice(1) }
    : { batch, channel: rest.at(-1) ?? 0, spatial: rest.slice(0, -1) };
}

export function join({ isChannelsFirst }: Layout, { batch, spatial, channel }: Parts): number[] {
  return isChannelsFirst ? [batch, channel, ...spatial] : [batch, ...spatial, channel];
}
