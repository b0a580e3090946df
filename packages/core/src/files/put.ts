// Writes one remote file over exec: atomically, in as few execs as the transport allows, verified before it takes its place.
import { createHash } from 'node:crypto'
import type { RemotePath } from '../driver.js'
import { isTransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask, newToken, wholeScript } from './ask.js'
import type { Answer, Question } from './ask.js'
import { commandSize, scriptRoom } from './budget.js'
import { gather, once, pieces } from './content.js'
import type { Content } from './content.js'
import { fileError } from './failure.js'
import { cleanBody, putBody } from './put-script.js'
import type { PutData, PutPlan, PutStep } from './put-script.js'
import { pathBytes, showPath } from './script.js'

export interface PutOptions {
  readonly mode: number | undefined
  readonly owner: string | undefined
  /** Keep mode and owner of the file that is there. */
  readonly keep: boolean
  readonly exclusive: boolean
  readonly operation: string
  readonly signal: AbortSignal | undefined
  /** Bytes that have left so far. */
  readonly progress: ((bytes: number) => void) | undefined
}

export interface PutResult {
  readonly bytes: number
  /** As both sides computed it; undefined where the far side has no program for it. */
  readonly sha256: string | undefined
  readonly way: 'exec' | 'native' | 'base64' | 'octal'
}

interface StepAnswer {
  readonly size: number
  readonly sha256: string | undefined
  /** Nothing was done: the far side cannot decode base64. */
  readonly noDecoder: boolean
}

/** Content up to this size is held in memory: one exec sends, checks and commits it. */
const smallContent = 1 << 20
const noStep: PutStep = { begin: false, offset: undefined, data: undefined, size: undefined, commit: false, sha256: undefined, target: undefined }

export async function putFile(runner: ScriptRunner, path: RemotePath, content: Content, options: PutOptions): Promise<PutResult> {
  const plan: PutPlan = {
    path: pathBytes(path),
    token: newToken(8),
    mode: options.mode,
    owner: options.owner,
    keep: options.keep,
    exclusive: options.exclusive,
    append: false,
    sync: true,
  }
  const put = new Put(runner, plan, options, showPath(path))
  const gathered = await gather(content, smallContent, options.signal, options.operation)
  try {
    if (put.inOne('bytes' in gathered ? gathered.bytes : undefined)) {
      return 'bytes' in gathered ? await put.whole(gathered.bytes) : await put.streamed(gathered.stream)
    }
    return await put.piecewise('bytes' in gathered ? once(gathered.bytes) : gathered.stream)
  } catch (error) {
    await put.clean(error)
    throw error
  }
}

class Put {
  /** What begin answered: where the symbolic links lead. */
  #target: Uint8Array | undefined
  #settled = false
  #way: PutData['way']
  readonly #hash = createHash('sha256')
  #sent = 0
  #failure: { readonly error: unknown } | undefined

  constructor(
    private readonly runner: ScriptRunner,
    private readonly plan: PutPlan,
    private readonly options: PutOptions,
    private readonly path: string,
  ) {
    this.#way = runner.capabilities.stdin === 'none' || !runner.capabilities.binary ? 'base64' : 'stdin'
  }

  /** Whether all of it can go in one exec; `undefined` is content without an end in sight. */
  inOne(bytes: Uint8Array | undefined): boolean {
    if (this.#way !== 'stdin') return false
    return this.runner.inputLimit(this.#script({ ...noStep, begin: true, data: { way: 'stdin' }, commit: true, sha256: '0'.repeat(64) })) >= (bytes?.length ?? Infinity)
  }

  async whole(bytes: Uint8Array): Promise<PutResult> {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const step: PutStep = { ...noStep, begin: true, data: { way: 'stdin' }, size: bytes.length, commit: true, sha256 }
    // Where stdin travels whole it may be sent again (BUSY), so it has to be bytes, not a source that is used up.
    const live = this.runner.capabilities.stdin === 'live'
    const theirs = await this.#step(step, live ? this.#counted(once(bytes)) : bytes)
    if (!live || bytes.length === 0) this.options.progress?.(bytes.length)
    return this.#result(bytes.length, theirs.sha256)
  }

  /** Its size and hash are known only when it has been sent: a second exec commits it. */
  async streamed(source: AsyncIterable<Uint8Array>): Promise<PutResult> {
    const { size } = await this.#step({ ...noStep, begin: true, data: { way: 'stdin' } }, this.#counted(source))
    if (size !== this.#sent) throw fileError('short', this.options.operation, this.path)
    const theirs = await this.#step({ ...noStep, size: this.#sent, commit: true, sha256: this.#hash.copy().digest('hex') })
    return this.#result(this.#sent, theirs.sha256)
  }

  /** First the temporary file, then one part after the other, each at the place where the last one ended. */
  async piecewise(source: AsyncIterable<Uint8Array>): Promise<PutResult> {
    let theirs: { readonly sha256: string | undefined } | undefined
    let begun = false
    for await (const { bytes, last } of pieces(source, () => this.#pieceSize(begun))) {
      this.#hash.update(bytes)
      const size = this.#sent + bytes.length
      const sha256 = last ? this.#hash.copy().digest('hex') : undefined
      theirs = await this.#piece(bytes, { ...noStep, begin: !begun, offset: begun ? this.#sent : undefined, size, commit: last, sha256 })
      begun = true
      this.#sent = size
      this.options.progress?.(size)
    }
    return this.#result(this.#sent, theirs?.sha256)
  }

  /** Nothing of the plan stays behind: where the outcome is unknown, the temporary file is removed by its name. */
  async clean(error: unknown): Promise<void> {
    if (this.#settled || isTransportError(error, 'CONNECTION_LOST') || isTransportError(error, 'CONNECTION_CLOSED')) return
    const request = { body: cleanBody(this.plan, this.#target), operation: this.options.operation, signal: AbortSignal.timeout(10_000) }
    await ask(this.runner, request).catch(() => undefined) // the first error is the one to be told
  }

  async #piece(bytes: Uint8Array, step: PutStep): Promise<StepAnswer> {
    if (this.#way === 'stdin') return this.#step({ ...step, data: { way: 'stdin' } }, bytes)
    const answer = await this.#step({ ...step, data: { way: this.#way, bytes } }, undefined, step.begin && this.#way === 'base64')
    if (!answer.noDecoder) return answer
    // Nothing has been created yet. Octal takes three times the room: so this piece is sent in parts.
    this.#way = 'octal'
    let offset = 0
    let result = answer
    do {
      const part = bytes.subarray(offset, offset + this.#pieceSize(offset > 0))
      const end = offset + part.length
      const whole = end === bytes.length
      const rest = { size: end, commit: step.commit && whole, sha256: whole ? step.sha256 : undefined, data: { way: 'octal', bytes: part } } as const
      result = await this.#step({ ...step, ...rest, begin: offset === 0, offset: offset === 0 ? undefined : offset })
      offset = end
    } while (offset < bytes.length)
    return result
  }

  async #step(step: PutStep, input?: AsyncIterable<Uint8Array> | Uint8Array, mayLackDecoder = false): Promise<StepAnswer> {
    const { operation, signal } = this.options
    const answer = await this.#ask({ body: putBody(this.plan, { ...step, target: this.#target }), operation, input, signal })
    const [word = '', size = '', sha256 = ''] = (answer.status ?? 'short').split(' ')
    if (mayLackDecoder && word === 'nodecoder') return { size: 0, sha256: undefined, noDecoder: true }
    this.#settled = word !== 'ok' && answer.status !== undefined
    if (word !== 'ok') throw fileError(answer.status ?? 'short', operation, this.path)
    this.#target = answer.body
    this.#settled = step.commit
    return { size: Number(size), sha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined, noDecoder: false }
  }

  /** A source that fails ends its exec: then the source's own error is the one to be told, and nothing is committed. */
  async #ask(question: Question): Promise<Answer> {
    const answer = await ask(this.runner, question).catch((error: unknown) => {
      throw this.#failure === undefined ? error : this.#failure.error
    })
    if (this.#failure !== undefined) throw this.#failure.error
    return answer
  }

  #script(step: PutStep): string {
    return wholeScript(this.runner, putBody(this.plan, { ...step, target: this.#target }))
  }

  /** Bytes of the next piece. The last one is committed by the same exec, so that script has to fit. */
  #pieceSize(begun: boolean): number {
    const [most, data] = [Number.MAX_SAFE_INTEGER, { way: this.#way, bytes: new Uint8Array(0) }]
    const script = this.#script({ ...noStep, begin: !begun, offset: begun ? most : undefined, size: most, commit: true, sha256: '0'.repeat(64), data })
    const room = this.#way === 'stdin' ? this.runner.inputLimit(script) : scriptRoom(this.runner.capabilities, script)
    const each = this.#way === 'stdin' ? 1 : this.#way === 'base64' ? (4 / 3) * (80 / 76) : commandSize('\\377')
    const size = Math.floor(Math.min(room, 8 << 20) / each)
    return this.#way === 'base64' ? Math.max(57, size - (size % 57)) : Math.max(16, size)
  }

  async *#counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of source) {
        this.#hash.update(chunk)
        this.#sent += chunk.length
        yield chunk
        this.options.progress?.(this.#sent)
      }
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  #result(bytes: number, sha256: string | undefined): PutResult {
    return { bytes, sha256, way: this.#way === 'stdin' ? 'exec' : this.#way }
  }
}
