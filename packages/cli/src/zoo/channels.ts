/** A number of channels as a multiple of 8: the nearest, or the next if that loses over 10 %. */
export function multipleOf8(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest >= 0.9 * channels ? nearest : nearest + 8;
}
