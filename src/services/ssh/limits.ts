/** OpenSSH's PACKET_MAX_SIZE. */
export const maxPacket = 256 << 10
