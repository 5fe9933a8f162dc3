/**
 * The bytes that `writeBuffer` writes; offset and size are in elements of a typed array, else in bytes.
 */
export function bytesOf(
  data: GPUAllowSharedBufferSource,
  offset: number,
  size?: number,
): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data, offset, size);
  const unit = "BYTES_PER_ELEMENT" in data ? Number(data.BYTES_PER_ELEMENT) : 1;
  const from = data.byteOffset + offset * unit;
  return new Uint8Array(
    data.buffer,
    from,
    size === undefined ? data.byteLength - offset * unit : size * unit,
  );
}
