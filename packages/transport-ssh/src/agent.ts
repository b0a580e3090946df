// A client of ssh-agent (draft-ietf-sshm-ssh-agent): which keys it holds, and signatures. One connection per question; a hanging agent ends at
// `signal` or after a few seconds.
import { connect } from 'node:net'
import { WireReader, uint32, wireString } from './wire.js'

export interface AgentKey {
  /** A public key, or a certificate. */
  readonly blob: Buffer
  readonly comment: string
}

const message = { failure: 5, requestIdentities: 11, identities: 12, signRequest: 13, signature: 14 } as const

/** For RSA keys: which hash the signature uses. */
export const rsaFlag = { sha256: 2, sha512: 4 } as const

const longestAnswer = 4 * 1024 * 1024

export async function agentKeys(path: string, signal: AbortSignal): Promise<AgentKey[]> {
  const reader = await request(path, Buffer.of(message.requestIdentities), message.identities, AbortSignal.any([signal, AbortSignal.timeout(5000)]))
  const count = reader.uint32()
  const keys: AgentKey[] = []
  for (let index = 0; index < count; index++) keys.push({ blob: reader.string(), comment: reader.text() })
  return keys
}

export interface AgentSignature {
  readonly algorithm: string
  readonly signature: Buffer
}

/** May wait for a person: a touch, a confirmation. */
export async function agentSign(path: string, blob: Uint8Array, data: Uint8Array, flags: number, signal: AbortSignal): Promise<AgentSignature> {
  const body = Buffer.concat([Buffer.of(message.signRequest), wireString(blob), wireString(data), uint32(flags)])
  const reader = await request(path, body, message.signature, signal)
  const signature = new WireReader(reader.string())
  return { algorithm: signature.text(), signature: signature.string() }
}

function request(path: string, body: Uint8Array, expected: number, signal: AbortSignal): Promise<WireReader> {
  return new Promise((settle, fail) => {
    const socket = connect(path)
    const chunks: Buffer[] = []
    const end = (error: Error | undefined, reader?: WireReader): void => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      if (reader !== undefined) settle(reader)
      else fail(error ?? new Error('the agent closed the connection'))
    }
    const stop = (): void => end(new Error('the agent does not answer'))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop)
    socket.on('error', (error) => end(error))
    socket.on('close', () => end(undefined))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      const answer = Buffer.concat(chunks)
      if (answer.length < 4) return
      const length = answer.readUInt32BE(0)
      if (length > longestAnswer || length === 0) return end(new Error('the agent answers with something else'))
      if (answer.length < 4 + length) return
      if (answer[4] === expected) end(undefined, new WireReader(answer.subarray(5, 4 + length)))
      else end(new Error(answer[4] === message.failure ? 'the agent refused' : `the agent answered with message ${answer[4]}`))
    })
    socket.write(wireString(body))
  })
}
