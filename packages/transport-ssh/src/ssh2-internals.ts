// All that we touch of ssh2 beyond its documented interface, for exactly ssh2 1.17.0. test/ssh2-internals.test.ts fails when one of these
// names moves.
import type { Terminal } from '@train-ts/core'
import type { Client, ClientChannel } from 'ssh2'
import { wireString } from './wire.js'
import { Socket } from 'node:net'
import constants from 'ssh2/lib/protocol/constants.js'
import utils from 'ssh2/lib/protocol/utils.js'
import type { Duplex } from 'node:stream'

interface ChannelState {
  readonly incoming?: { readonly window: number }
}

interface ChannelManager {
  add(opened: ChannelOpened & { type: string }): number
  get(id: number): ChannelState | ((...args: unknown[]) => void) | undefined
  remove(id: number): void
}

interface Protocol {
  readonly _handlers: Record<string, ((...args: unknown[]) => void) | undefined>
  readonly _kex?: { readonly negotiated: { serverHostKey: string } }
  readonly _authsQueue: string[]
  readonly _packetRW: { readonly write: { readonly allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } }
  session(id: number, window: number, packetSize: number): void
  exec(id: number, command: string, wantReply: true): void
  env(id: number, name: string, value: string, wantReply: false): void
  channelWindowAdjust(id: number, amount: number): void
  openssh_agentForward(id: number, wantReply: true): void
  shell(id: number, wantReply: true): void
  subsystem(id: number, name: string, wantReply: true): void
  pty(id: number, rows: number, columns: number, height: number, width: number, term: string, modes: null, wantReply: true): void
}

interface Internals {
  readonly _chanMgr?: ChannelManager
  readonly _protocol?: Protocol
  _agentFwdEnabled?: boolean
  readonly _remoteVer?: string
}

interface ChannelInternals {
  subtype: string | undefined
  readonly incoming: { window: number; readonly state: string }
  readonly outgoing: { readonly id: number; readonly state: string }
  readonly _callbacks: ((refused: boolean) => void)[]
}

export type ChannelOpened = (error: Error | undefined, channel: ClientChannel) => void

/** The private side of a client. */
export function internalsOf(client: Client): Internals {
  return client as unknown as Internals // the documented type says nothing of these fields; each use checks for undefined
}

/** RFC 4253 §6.1 asks for 32,768; nobody sane announces less than this. */
const smallestPacketSize = 1024

/**
 * Stops two open reports of denial of service by a hostile server: packet size 0, at which ssh2 loops for ever (#1504), and data beyond the
 * window, which it buffers without bound (#1505). Call it right after `connect()`. `refuse` is called at most once.
 */
export function guard(client: Client, refuse: (message: string) => void): void {
  const { _protocol, _chanMgr } = internalsOf(client)
  const handlers = _protocol?._handlers
  if (handlers === undefined || _chanMgr === undefined) throw new Error('this version of ssh2 is unknown to @train-ts/transport-ssh')
  let refused = false
  const stop = (message: string): void => {
    if (refused) return
    refused = true
    refuse(message)
  }
  const wrap = (name: string, complaint: (args: readonly unknown[]) => string | undefined): void => {
    const original = handlers[name]
    if (original === undefined) throw new Error(`this version of ssh2 is unknown to @train-ts/transport-ssh: no ${name}`)
    handlers[name] = (...args) => {
      const wrong = refused ? 'refused before' : complaint(args)
      if (wrong === undefined) original(...args)
      else stop(wrong)
    }
  }
  const packetSize = (args: readonly unknown[]): string | undefined => {
    const info = args[1] as { readonly packetSize: number } // (protocol, info) by lib/protocol/handlers.misc.js
    return info.packetSize < smallestPacketSize ? `the server announced a packet size of ${info.packetSize}` : undefined
  }
  const window = (args: readonly unknown[]): string | undefined => {
    const [, id, data] = args as [unknown, number, Uint8Array] // (protocol, recipient, data) by lib/protocol/handlers.misc.js
    const channel = _chanMgr.get(id)
    if (typeof channel !== 'object' || channel.incoming === undefined) return undefined
    return data.length > channel.incoming.window ? 'the server sent more data than the window allows' : undefined
  }
  wrap('CHANNEL_OPEN_CONFIRMATION', packetSize)
  wrap('CHANNEL_OPEN', packetSize)
  wrap('CHANNEL_DATA', window)
  wrap('CHANNEL_EXTENDED_DATA', window)
}

/** Nagle's algorithm and delayed acknowledgement cost 40 ms a command. Where the stream is no socket, its owner has seen to it. */
export function setNoDelay(stream: Duplex): void {
  if (stream instanceof Socket) stream.setNoDelay(true)
}

/** What the server said to each attempt to log in. ssh2 keeps it to itself while it walks through an agent's keys. */
export function observeRejections(client: Client, rejected: (offered: readonly string[], partial: boolean) => void): void {
  const handlers = internalsOf(client)._protocol?._handlers
  const original = handlers?.['USERAUTH_FAILURE']
  if (handlers === undefined || original === undefined) throw new Error('this version of ssh2 is unknown to @train-ts/transport-ssh: no USERAUTH_FAILURE')
  handlers['USERAUTH_FAILURE'] = (...args) => {
    const [, offered, partial] = args as [unknown, readonly string[], boolean] // (protocol, methods, partial) by lib/protocol/handlers.misc.js
    rejected(offered, partial)
    original(...args)
  }
}

/** What lib/Channel.js announces and keeps account of. */
const channelWindow = 2 * 1024 * 1024
const channelPacket = 32 * 1024

/**
 * A session channel on which nothing has been asked yet. `client.exec` opens and asks in one go, so that an abort between the two would
 * still run the command, and no channel can be opened ahead.
 */
export function openSessionChannel(client: Client, opened: ChannelOpened): void {
  const { _chanMgr, _protocol } = internalsOf(client)
  if (_chanMgr === undefined || _protocol === undefined) throw new Error('Not connected')
  const id = _chanMgr.add(Object.assign((error: Error | undefined, channel: ClientChannel) => opened(error, channel), { type: 'session' }))
  try {
    _protocol.session(id, channelWindow, channelPacket)
  } catch (cause) {
    _chanMgr.remove(id)
    throw cause
  }
}

/** `refused` is also true when the channel was closed before an answer. */
export type Answered = (refused: boolean) => void

export function requestExec(client: Client, channel: ClientChannel, command: string, answered: Answered): void {
  ask(client, channel, answered, 'exec', (protocol, id) => protocol.exec(id, command, true))
}

export function requestSubsystem(client: Client, channel: ClientChannel, name: string, answered: Answered): void {
  ask(client, channel, answered, 'subsystem', (protocol, id) => protocol.subsystem(id, name, true))
}

export function requestShell(client: Client, channel: ClientChannel, answered: Answered): void {
  ask(client, channel, answered, 'shell', (protocol, id) => protocol.shell(id, true))
}

export function requestTerminal(client: Client, channel: ClientChannel, terminal: Terminal, answered: Answered): void {
  ask(client, channel, answered, undefined, (protocol, id) => protocol.pty(id, terminal.rows, terminal.columns, 0, 0, terminal.term, null, true))
}

function ask(client: Client, channel: ClientChannel, answered: Answered, subtype: string | undefined, send: (protocol: Protocol, id: number) => void): void {
  const { _protocol } = internalsOf(client)
  const state = channel as unknown as ChannelInternals // private fields of lib/Channel.js
  if (_protocol === undefined || state.outgoing.state !== 'open') return answered(true)
  state._callbacks.push((refused) => {
    if (!refused && subtype !== undefined) state.subtype = subtype
    answered(refused)
  })
  send(_protocol, state.outgoing.id)
}

export type AlgorithmKind = 'kexAlgorithms' | 'ciphers' | 'macs' | 'hostKeyAlgorithms'

/** What ssh2 can do with this Node's OpenSSL, the old and weak included. */
export function supportedAlgorithms(kind: AlgorithmKind): readonly string[] {
  const names = { kexAlgorithms: 'SUPPORTED_KEX', ciphers: 'SUPPORTED_CIPHER', macs: 'SUPPORTED_MAC', hostKeyAlgorithms: 'SUPPORTED_SERVER_HOST_KEY' } as const
  return constants[names[kind]].filter((name) => !name.includes('-cert-v01@'))
}

/** A signature as node:crypto made it, in the form of an SSH message. */
export function signatureToWire(signature: Buffer, keyType: string): Buffer {
  const converted = utils.convertSignature(signature, keyType)
  if (!Buffer.isBuffer(converted)) throw new Error('the signature has an unknown form')
  return converted
}

/** The second request of a public key login. `data`: what was signed: the session id, then the request without its signature. */
export function sendPublicKeyRequest(client: Client, data: Buffer, algorithm: string, signature: Buffer): void {
  const { _protocol } = internalsOf(client)
  if (_protocol === undefined) throw new Error('Not connected')
  const request = data.subarray(4 + data.readUInt32BE(0))
  const signed = Buffer.concat([request, wireString(Buffer.concat([wireString(algorithm), wireString(signature)]))])
  const { write } = _protocol._packetRW
  const start = write.allocStart
  const packet = write.alloc(signed.length)
  packet.set(signed, start)
  _protocol._authsQueue.push('publickey')
  utils.sendPacket(_protocol, write.finalize(packet))
}

/** Without an answer: what a server does not accept (AcceptEnv) it leaves out. */
export function sendVariable(client: Client, channel: ClientChannel, name: string, value: string): void {
  const { outgoing } = channel as unknown as ChannelInternals // private fields of lib/Channel.js
  if (outgoing.state === 'open') internalsOf(client)._protocol?.env(outgoing.id, name, value, false)
}

/** The far side may use the client's agent from now on, if it wants to. */
export function requestAgentForwarding(client: Client, channel: ClientChannel): void {
  const internals = internalsOf(client)
  ask(client, channel, (refused) => (internals._agentFwdEnabled = !refused), undefined, (protocol, id) => protocol.openssh_agentForward(id, true))
}

/** What a long line needs: 1 Gbit/s at 130 ms. ssh2's 2 MiB give 100 MiB/s at 20 ms. */
const largeWindow = 16 * 1024 * 1024

/** Lets the far side send up to 16 MiB ahead. To be called as data arrives that is being consumed; ssh2 itself keeps 2 MiB. */
export function keepLargeWindow(client: Client, channel: ClientChannel): void {
  const { incoming, outgoing } = channel as unknown as ChannelInternals // private fields of lib/Channel.js
  if (outgoing.state === 'closed' || incoming.state !== 'open' || incoming.window > largeWindow / 2) return
  const amount = largeWindow - incoming.window
  incoming.window += amount
  internalsOf(client)._protocol?.channelWindowAdjust(outgoing.id, amount)
}

/** How the server names itself, e.g. `OpenSSH_9.2p1`. */
export function serverSoftware(client: Client): string {
  return internalsOf(client)._remoteVer ?? ''
}

/** Types of host certificates that can be checked from outside. RSA's cannot. */
export const hostCertificateAlgorithms = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
] as const

/** Lets ssh2 offer them. Only who names them in an algorithm list offers them. */
export function allowHostCertificates(): void {
  for (const name of hostCertificateAlgorithms) if (!constants.SUPPORTED_SERVER_HOST_KEY.includes(name)) constants.SUPPORTED_SERVER_HOST_KEY.push(name)
}

/**
 * To be called in the host verifier, before it accepts: from then on ssh2 checks the server's signature with the key inside the certificate.
 * `KeyExchange.finish` reads `_hostKey` first for the hash, where the certificate belongs, then to verify.
 */
export function useHostCertificate(client: Client, certificate: { readonly baseType: string; readonly blob: Buffer; readonly publicKey: Buffer }): void {
  const exchange = internalsOf(client)._protocol?._kex
  if (exchange === undefined) throw new Error('this version of ssh2 is unknown to @train-ts/transport-ssh: no _kex')
  exchange.negotiated.serverHostKey = certificate.baseType
  let reads = 0
  let assigned: { readonly value: unknown } | undefined
  Object.defineProperty(exchange, '_hostKey', {
    configurable: true,
    get: () => (assigned === undefined ? (reads++ === 0 ? certificate.blob : certificate.publicKey) : assigned.value),
    set: (value: unknown) => (assigned = { value }),
  })
}
