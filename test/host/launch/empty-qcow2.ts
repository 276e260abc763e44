const CLUSTER = 65536

/**
 * An empty qcow2 image of 64 MiB, for QEMU to keep snapshots in: header, refcount table, refcount block and L1 table, a cluster each
 * (docs/interop/qcow2.rst of QEMU 10.0).
 */
export const emptyQcow2 = (): Buffer => {
  const image = Buffer.alloc(4 * CLUSTER)
  image.write('QFI\xfb', 0, 'latin1')
  image.writeUInt32BE(3, 4)
  image.writeUInt32BE(16, 20) // cluster_bits
  image.writeBigUInt64BE(64n << 20n, 24) // size
  image.writeUInt32BE(1, 36) // l1_size: an L2 table maps 512 MiB
  image.writeBigUInt64BE(BigInt(3 * CLUSTER), 40) // l1_table_offset
  image.writeBigUInt64BE(BigInt(CLUSTER), 48) // refcount_table_offset
  image.writeUInt32BE(1, 56) // refcount_table_clusters
  image.writeUInt32BE(4, 96) // refcount_order
  image.writeUInt32BE(104, 100) // header_length
  image.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER)
  for (let cluster = 0; cluster < 4; cluster++) image.writeUInt16BE(1, 2 * CLUSTER + 2 * cluster)
  return image
}
