// One TCP connection of the emulated service: its login, and requests in clear, in TLS or sealed.
import { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { endPointBinding } from '../src/codec/channel-binding.js'
import type { NtlmSession } from '../src/ntlm/seal.js'
import { decodeEncrypted, encodeEncrypted, isEncrypted } from '../src/wsman/encrypted.js'
import { certificate } from './certificate.js'
import type { EmulatorKnobs, Misbehaviour, Operation, Scheme } from './knobs.js'
import { misbehave } from './misbehave.js'
import { createNtlmAcceptor, type Account, type Acceptor } from './ntlm-acceptor.js'
import { faultReply, identifyReply, readCall } from './replies.js'
import type { Service } from './service.js'

export interface ListenerParts {
  readonly knobs: EmulatorKnobs
  readonly account: Account
  readonly schemes: readonly Scheme[]
  readonly service: Service
  /** Notes the operation, and says whether to misbehave. */
  readonly note: (operation: Operation) => Misbehaviour | undefined
  readonly refused: () => void
}

/** What is known of one connection. */
interface Peer {
  acceptor: Acceptor | undefined
  session: NtlmSession | undefined
}

const protocol = 'application/HTTP-SPNEGO-session-encrypted'

export function createListener(parts: ListenerParts): (request: IncomingMessage, response: ServerResponse) => void {
  const peers = new WeakMap<object, Peer>()
  return (request, response) => {
    const peer = peers.get(request.socket) ?? { acceptor: undefined, session: undefined }
    peers.set(request.socket, peer)
    void handle(parts, peer, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500).end()
      else response.destroy(error instanceof Error ? error : undefined)
    })
  }
}

async function handle(parts: ListenerParts, peer: Peer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer) // without an encoding, a message gives bytes
  const body = Buffer.concat(pieces)
  if (request.headers['wsmanidentify'] !== undefined) return send(response, 200, identifyReply())
  const admitted = admit(parts, peer, request)
  if (admitted.state === 'challenge') return void response.writeHead(401, { 'WWW-Authenticate': admitted.headers, 'Content-Length': 0 }).end()
  const headers = admitted.token === undefined ? {} : { 'WWW-Authenticate': `Negotiate ${Buffer.from(admitted.token).toString('base64')}` }
  if (body.length === 0) return void response.writeHead(200, { ...headers, 'Content-Length': 0 }).end()

  const type = request.headers['content-type'] ?? ''
  const tls = request.socket instanceof TLSSocket
  const sealed = isEncrypted(type)
  if (!sealed && !tls && parts.knobs.allowUnencrypted !== true) return void response.writeHead(500, { 'Content-Length': 0 }).end()
  const opened = sealed ? unseal(peer, type, body) : body
  if (opened === undefined) return void response.writeHead(400, { 'Content-Length': 0 }).end()
  const call = readCall(opened.toString('utf8'))
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const wrong = parts.note((call.action.split('/').at(-1) ?? '') as Operation) // the last word of an action that exists is one
  const seal = (text: string): Sealed => (sealed ? sealReply(peer, text) : { type: 'application/soap+xml;charset=UTF-8', body: Buffer.from(text, 'utf8') })
  if (wrong !== undefined && !(typeof wrong === 'object' && 'fault' in wrong)) {
    const answer = (): Promise<string> => parts.service.answer(call, gone.signal)
    return misbehave(wrong, { response, socket: request.socket, seal, session: peer.session, answer, messageId: call.messageId })
  }
  const text = wrong === undefined ? await parts.service.answer(call, gone.signal) : faultReply(call.messageId, wrong.fault, wrong.text ?? 'As the test wants it.')
  const sealedReply = seal(text)
  response.writeHead(text.includes('<s:Fault>') ? 500 : 200, { ...headers, 'Content-Type': sealedReply.type, 'Content-Length': sealedReply.body.length }).end(sealedReply.body)
}

type Admission = { readonly state: 'in'; readonly token: Uint8Array | undefined } | { readonly state: 'challenge'; readonly headers: string[] }

/** A header logs a request in, or a step of a login the connection. */
function admit(parts: ListenerParts, peer: Peer, request: IncomingMessage): Admission {
  const header = request.headers.authorization
  if (header === undefined) return peer.session === undefined ? refuse(parts, false) : { state: 'in', token: undefined }
  const [scheme = '', value = ''] = header.split(/\s+/, 2)
  const tls = request.socket instanceof TLSSocket
  if (/^http:.*\/https\/mutual$/i.test(header) && parts.schemes.includes('Certificate')) {
    return request.socket instanceof TLSSocket && request.socket.authorized ? { state: 'in', token: undefined } : refuse(parts, true)
  }
  if (scheme.toLowerCase() === 'basic' && parts.schemes.includes('Basic')) {
    const right = Buffer.from(value, 'base64').toString('utf8') === `${parts.account.user}:${parts.account.password}`
    return right ? { state: 'in', token: undefined } : refuse(parts, true)
  }
  if (scheme.toLowerCase() !== 'negotiate' || !parts.schemes.includes('Negotiate')) return refuse(parts, true)
  const token = Buffer.from(value, 'base64')
  const wrong = peer.acceptor === undefined ? parts.note('Login') : undefined
  peer.session = undefined
  peer.acceptor ??= createNtlmAcceptor({
    account: parts.account,
    channelBinding: parts.knobs.channelBinding ?? 'relaxed',
    endPoint: tls ? endPointBinding(new X509Certificate(certificate).raw) : undefined,
    downgrade: wrong === 'downgrade',
    now: Date.now,
  })
  const verdict = attempt(peer.acceptor, token)
  if (verdict.state === 'continue') return { state: 'challenge', headers: [`Negotiate ${Buffer.from(verdict.token).toString('base64')}`] }
  peer.acceptor = undefined
  if (verdict.state === 'refused') return refuse(parts, true)
  peer.session = verdict.session
  return { state: 'in', token: verdict.token }
}

function attempt(acceptor: Acceptor, token: Uint8Array): ReturnType<Acceptor['accept']> {
  try {
    return acceptor.accept(token)
  } catch {
    return { state: 'refused', reason: 'malformed' }
  }
}

function refuse(parts: ListenerParts, tried: boolean): Admission {
  if (tried) parts.refused()
  return { state: 'challenge', headers: parts.schemes.flatMap((scheme) => (scheme === 'Basic' ? ['Basic realm="WSMAN"'] : scheme === 'Certificate' ? [] : [scheme])) }
}

function unseal(peer: Peer, type: string, body: Buffer): Buffer | undefined {
  try {
    const frame = decodeEncrypted(type, body)
    const message = peer.session?.unseal(frame.header, frame.data)
    return message?.length === frame.length ? message : undefined
  } catch {
    return undefined
  }
}

interface Sealed {
  readonly type: string
  readonly body: Buffer
}

function sealReply(peer: Peer, text: string): Sealed {
  const plain = Buffer.from(text, 'utf8')
  const sealed = peer.session?.seal(plain)
  if (sealed === undefined) throw new Error('no session to seal with')
  const { contentType, body } = encodeEncrypted(protocol, { header: sealed.signature, data: sealed.data }, plain.length, '\t')
  return { type: contentType, body }
}

function send(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text, 'utf8')
  response.writeHead(status, { 'Content-Type': 'application/soap+xml;charset=UTF-8', 'Content-Length': body.length }).end(body)
}
