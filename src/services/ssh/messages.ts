/** Message numbers (RFC 4250 §4.1.2, RFC 4419 §5, RFC 5656 §7.1, RFC 8308 §2.3). */
export const Message = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceRequest: 5,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
  newKeys: 21,
  /** KEXDH_INIT, KEX_ECDH_INIT: the client's public value. */
  kexClientValue: 30,
  kexServerValue: 31,
  gexGroup: 31,
  gexInit: 32,
  gexReply: 33,
  gexRequest: 34,
  userauthRequest: 50,
  userauthFailure: 51,
  userauthSuccess: 52,
  userauthPkOk: 60,
  userauthInfoRequest: 60,
  userauthInfoResponse: 61,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const

/** The highest number of the transport layer (RFC 4251 §7); above it speak the services. */
export const lastTransportMessage = 49

/** OpenSSH disconnects with SSH_DISCONNECT_PROTOCOL_ERROR whatever the reason. */
export const protocolError = 2
