// The few functions of libgssapi that a client needs, through koffi, which is there only where somebody installed it.
import { TransportError } from '@train-ts/core'

/** Handles of the library: opaque; undefined is none. */
export type Handle = unknown

export interface InitStep {
  readonly credential: Handle
  /** undefined in the first step. */
  readonly context: Handle
  readonly target: Handle
  readonly mechanism: Mechanism
  readonly binding: Uint8Array | undefined
  readonly token: Uint8Array | undefined
}

export interface InitResult {
  readonly context: Handle
  readonly token: Uint8Array | undefined
  readonly complete: boolean
}

export interface Gssapi {
  importName(name: string, kind: 'user' | 'service'): Handle
  /** `password` undefined: from the credential cache. */
  acquire(principal: Handle, password: string | undefined, mechanism: Mechanism): Promise<Handle>
  init(step: InitStep): Promise<InitResult>
  wrap(context: Handle, message: Uint8Array): Uint8Array
  unwrap(context: Handle, token: Uint8Array): Uint8Array
  deleteContext(context: Handle): void
  releaseName(name: Handle): void
  releaseCredential(credential: Handle): void
}

export type Mechanism = 'krb5' | 'spnego'

/** What the library says, in its words. */
export class GssError extends Error {
  override readonly name = 'GssError'
}

type Foreign = ((...values: readonly unknown[]) => number) & { async(...values: readonly unknown[]): void }
const libraries: Readonly<Record<string, readonly string[]>> = {
  linux: ['libgssapi_krb5.so.2'],
  darwin: ['/opt/homebrew/opt/krb5/lib/libgssapi_krb5.dylib', '/usr/local/opt/krb5/lib/libgssapi_krb5.dylib'],
}
const oids = {
  krb5: Buffer.from('2a864886f712010202', 'hex'),
  spnego: Buffer.from('2b0601050502', 'hex'),
  user: Buffer.from('2a864886f71201020101', 'hex'),
  service: Buffer.from('2a864886f71201020104', 'hex'),
} as const
/** MUTUAL, REPLAY, SEQUENCE, CONF, INTEG. */
const contextFlags = 62
const indefinite = 0xffff_ffff
const continueNeeded = 1

export async function loadGssapi(): Promise<Gssapi> {
  const koffi = await import('koffi').catch((cause: unknown) => unavailable('the package koffi is not installed', 'npm install koffi', cause))
  const library = open(koffi, libraries[process.platform] ?? [])
  const buffer = koffi.struct({ length: 'size_t', value: 'void *' })
  const oid = koffi.struct({ length: 'uint32', elements: 'void *' })
  const oidSet = koffi.struct({ count: 'size_t', elements: koffi.pointer(oid) })
  const bindings = koffi.struct({ initiatorType: 'uint32', initiator: buffer, acceptorType: 'uint32', acceptor: buffer, data: buffer })
  const [minor, handle] = [koffi.out(koffi.pointer('uint32')), koffi.out(koffi.pointer('void *'))]
  const handleInOut = koffi.inout(koffi.pointer('void *'))
  const [bufferIn, bufferOut, bufferInOut] = [koffi.pointer(buffer), koffi.out(koffi.pointer(buffer)), koffi.inout(koffi.pointer(buffer))]
  const oidIn = koffi.pointer(oid)
  const foreign = (name: string, types: readonly unknown[]): Foreign => library.func(name, 'uint32', [...types] as never) as Foreign // koffi's types say `any`
  const gss = {
    importName: foreign('gss_import_name', [minor, bufferIn, oidIn, handle]),
    acquire: foreign('gss_acquire_cred', [minor, 'void *', 'uint32', koffi.pointer(oidSet), 'int', handle, 'void *', 'void *']),
    acquireWithPassword: foreign('gss_acquire_cred_with_password', [minor, 'void *', bufferIn, 'uint32', koffi.pointer(oidSet), 'int', handle, 'void *', 'void *']),
    init: foreign('gss_init_sec_context', [
      minor, 'void *', handleInOut, 'void *', oidIn, 'uint32', 'uint32', koffi.pointer(bindings), bufferIn, 'void *', bufferOut, 'void *', 'void *',
    ]),
    wrap: foreign('gss_wrap', [minor, 'void *', 'int', 'uint32', bufferIn, 'void *', bufferOut]),
    unwrap: foreign('gss_unwrap', [minor, 'void *', bufferIn, bufferOut, koffi.out(koffi.pointer('int')), 'void *']),
    releaseBuffer: foreign('gss_release_buffer', [minor, bufferInOut]),
    releaseName: foreign('gss_release_name', [minor, handleInOut]),
    releaseCredential: foreign('gss_release_cred', [minor, handleInOut]),
    deleteContext: foreign('gss_delete_sec_context', [minor, handleInOut, 'void *']),
    displayStatus: foreign('gss_display_status', [minor, 'uint32', 'int', oidIn, koffi.inout(koffi.pointer('uint32')), bufferOut]),
  }
  interface Filled {
    readonly length: number | bigint
    readonly value: unknown
  }
  const input = (bytes: Uint8Array): Filled => ({ length: bytes.length, value: bytes.length === 0 ? null : Buffer.from(bytes) })
  const oidOf = (name: keyof typeof oids): { readonly length: number; readonly elements: Buffer } => ({ length: oids[name].length, elements: oids[name] })
  const setOf = (mechanism: Mechanism): object => ({ count: 1, elements: oidOf(mechanism) })

  /** Copies what the library allocated, and gives it back. */
  function take(filled: Filled | undefined): Uint8Array {
    if (filled === undefined || Number(filled.length) === 0) return Buffer.alloc(0)
    const bytes = Buffer.from(new Uint8Array(koffi.view(filled.value, Number(filled.length)).slice(0)))
    gss.releaseBuffer([0], filled)
    return bytes
  }
  function describe(status: number, kind: 1 | 2): string {
    const [context, text]: [number[], Filled[]] = [[0], [{ length: 0, value: null }]]
    gss.displayStatus([0], status, kind, kind === 2 ? oidOf('krb5') : null, context, text)
    return Buffer.from(take(text[0])).toString('utf8')
  }
  function check(major: number, minorStatus: number): void {
    if (major < 0x1_0000) return
    const texts = [minorStatus === 0 ? '' : describe(minorStatus, 2), describe(major, 1)]
    throw new GssError(texts.filter((text) => text !== '' && !/^unknown error$/i.test(text))[0] ?? `GSSAPI error 0x${major.toString(16)}`)
  }
  /** In a thread of its own: these ask the key distribution centre. */
  function inThread(call: Foreign, ...values: readonly unknown[]): Promise<number> {
    return new Promise((resolve, reject) => {
      call.async(...values, (error: unknown, major: number) => (error === null || error === undefined ? resolve(major >>> 0) : reject(error)))
    })
  }

  return {
    importName(name, kind) {
      const [status, out]: [number[], unknown[]] = [[0], [null]]
      check(gss.importName(status, input(Buffer.from(name, 'utf8')), oidOf(kind), out) >>> 0, status[0] ?? 0)
      return out[0]
    },
    async acquire(principal, password, mechanism) {
      const [status, out]: [number[], unknown[]] = [[0], [null]]
      const initiate = 1
      const rest = [indefinite, setOf(mechanism), initiate, out, null, null]
      const major =
        password === undefined
          ? await inThread(gss.acquire, status, principal ?? null, ...rest)
          : await inThread(gss.acquireWithPassword, status, principal ?? null, input(Buffer.from(password, 'utf8')), ...rest)
      check(major, status[0] ?? 0)
      return out[0]
    },
    async init({ credential, context, target, mechanism, binding, token }) {
      const [status, held, out]: [number[], unknown[], Filled[]] = [[0], [context ?? null], [{ length: 0, value: null }]]
      const empty = input(Buffer.alloc(0))
      const bound = binding === undefined ? null : { initiatorType: 0, initiator: empty, acceptorType: 0, acceptor: empty, data: input(binding) }
      const given = token === undefined ? null : input(token)
      const major = await inThread(gss.init, status, credential, held, target, oidOf(mechanism), contextFlags, 0, bound, given, null, out, null, null)
      const answer = take(out[0])
      check(major, status[0] ?? 0)
      return { context: held[0], token: answer.length === 0 ? undefined : answer, complete: (major & continueNeeded) === 0 }
    },
    wrap(context, message) {
      const [status, out]: [number[], Filled[]] = [[0], [{ length: 0, value: null }]]
      check(gss.wrap(status, context, 1, 0, input(message), null, out) >>> 0, status[0] ?? 0)
      return take(out[0])
    },
    unwrap(context, token) {
      const [status, out, sealed]: [number[], Filled[], number[]] = [[0], [{ length: 0, value: null }], [0]]
      check(gss.unwrap(status, context, input(token), out, sealed, null) >>> 0, status[0] ?? 0)
      const message = take(out[0])
      if (sealed[0] !== 1) throw new GssError('a message that should be sealed is only signed')
      return message
    },
    deleteContext: (context) => void gss.deleteContext([0], [context], null),
    releaseName: (name) => void gss.releaseName([0], [name]),
    releaseCredential: (credential) => void gss.releaseCredential([0], [credential]),
  }
}

function open(koffi: typeof import('koffi'), names: readonly string[]): ReturnType<typeof koffi.load> {
  let last: unknown
  for (const name of names) {
    try {
      return koffi.load(name)
    } catch (cause) {
      last = cause
    }
  }
  return unavailable('libgssapi_krb5 is not installed', 'Debian: apt-get install libgssapi-krb5-2', last)
}

function unavailable(what: string, hint: string, cause: unknown): never {
  throw new TransportError('UNSUPPORTED', `Kerberos is not available: ${what}.`, { hint, cause })
}
