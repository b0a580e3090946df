// Files of ssh2 1.17.0 that have no types.
declare module 'ssh2/lib/protocol/constants.js' {
  const constants: {
    readonly SUPPORTED_KEX: string[]
    readonly SUPPORTED_CIPHER: string[]
    readonly SUPPORTED_MAC: string[]
    readonly SUPPORTED_SERVER_HOST_KEY: string[]
  }
  export default constants
}

declare module 'ssh2/lib/protocol/utils.js' {
  const utils: {
    convertSignature(signature: Buffer, keyType: string): Buffer | false | undefined
    sendPacket(protocol: unknown, packet: Buffer): boolean
  }
  export default utils
}
