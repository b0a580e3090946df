// Adds to the end of a remote file, in place: not atomic, but a part that was lost or came twice is noticed.
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask, wholeScript } from './ask.js'
import { commandSize, scriptRoom } from './budget.js'
import { gather, once, pieces } from './content.js'
import type { Content } from './content.js'
import { fileError } from './failure.js'
import { appendBody } from './put-script.js'
import type { PutData, PutPlan } from './put-script.js'
import type { PutOptions } from './put.js'
import { pathBytes, showPath } from './script.js'

export async function appendFile(runner: ScriptRunner, path: RemotePath, content: Content, options: PutOptions): Promise<void> {
  const plan: PutPlan = { path: pathBytes(path), token: '', mode: options.mode, owner: options.owner, keep: false, exclusive: false, append: true, sync: false }
  const { capabilities } = runner
  let way: PutData['way'] = capabilities.stdin === 'none' || !capabilities.binary ? 'base64' : 'stdin'
  let offset: number | undefined
  let target: Uint8Array | undefined

  const room = (): number => {
    const script = wholeScript(runner, appendBody(plan, way === 'stdin' ? { way } : { way, bytes: new Uint8Array(0) }, Number.MAX_SAFE_INTEGER, target))
    if (way === 'stdin') return Math.min(8 << 20, runner.inputLimit(script))
    const each = way === 'base64' ? (4 / 3) * (80 / 76) : commandSize('\\377')
    return Math.max(16, Math.floor(Math.min(8 << 20, scriptRoom(capabilities, script)) / each))
  }

  const send = async (bytes: Uint8Array): Promise<void> => {
    const data: PutData = way === 'stdin' ? { way } : { way, bytes }
    const answer = await ask(runner, { body: appendBody(plan, data, offset, target), operation: options.operation, input: way === 'stdin' ? bytes : undefined, signal: options.signal })
    if (answer.status === 'nodecoder') {
      way = 'octal'
      for await (const part of pieces(once(bytes), room)) await send(part.bytes)
      return
    }
    const [word = '', size = '', before = ''] = (answer.status ?? 'short').split(' ')
    if (word !== 'ok') throw partly(fileError(answer.status ?? 'short', options.operation, showPath(path)), offset !== undefined)
    if (Number(size) !== Number(before) + bytes.length) throw partly(fileError('short', options.operation, showPath(path)), true)
    offset = Number(size)
    target = answer.body
  }

  const gathered = await gather(content, 1 << 20, options.signal, options.operation)
  for await (const part of pieces('bytes' in gathered ? once(gathered.bytes) : gathered.stream, room)) await send(part.bytes)
}

/** There is no temporary file: what had been added stays. */
function partly(error: TransportError, begun: boolean): TransportError {
  if (!begun) return error
  const [message = ''] = error.message.split('\n')
  return new TransportError(error.code, message, { hint: 'A part has been added already: append is done in place.', details: error.details, operation: error.operation, cause: error })
}
