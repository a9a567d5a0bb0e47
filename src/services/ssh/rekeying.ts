/** Packets each way after which OpenSSH exchanges keys anew, whatever their size. */
const mostPackets = 2 ** 31

/** Blocks that one key may see (packet.c, ssh_set_newkeys): 2^32 of 16 bytes, or a gigabyte in blocks of eight. */
const mostBlocks = (blockBytes: number): number => (blockBytes >= 16 ? 2 ** (blockBytes * 2) : 2 ** 30 / blockBytes)

/** How much went each way under the present keys, for `RekeyLimit default none`. */
export class Traffic {
  packetsOut = 0
  bytesOut = 0
  packetsIn = 0
  bytesIn = 0

  sent(bytes: number): void {
    this.packetsOut++
    this.bytesOut += bytes
  }
  received(bytes: number): void {
    this.packetsIn++
    this.bytesIn += bytes
  }
  /** More than these keys are good for. */
  isMuch(blockOut: number, blockIn: number): boolean {
    return (
      this.packetsOut > mostPackets ||
      this.packetsIn > mostPackets ||
      this.bytesOut / blockOut > mostBlocks(blockOut) ||
      this.bytesIn / blockIn > mostBlocks(blockIn)
    )
  }
  renewOut(): void {
    this.packetsOut = this.bytesOut = 0
  }
  renewIn(): void {
    this.packetsIn = this.bytesIn = 0
  }
}
