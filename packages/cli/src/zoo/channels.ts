/** The multiple of 8 nearest to a number of channels, or the next where that loses over a tenth. */
export function multipleOf8(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest >= 0.9 * channels ? nearest : nearest + 8;
}
