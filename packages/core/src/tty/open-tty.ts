// A session over nothing but an interactive byte stream.
import type { OpenContext, Session, ShellStream } from '../driver.js'
import { TransportError } from '../errors.js'
import type { TtyEnvironment } from './clock.js'
import { dialects } from './dialects/tables.js'
import { Line } from './line.js'
import { LiteSession } from './lite-session.js'
import { loadAgent } from './load-agent.js'
import { openGear } from './open-gear.js'
import type { TtyEngineOptions } from './options.js'
import { PushSession } from './push-session.js'
import { takeOver } from './take-over.js'

/** The engine with its clock and its random numbers. It owns the stream from here on: `close` and a failure destroy it. */
export function createOpenTty(environment: TtyEnvironment) {
  return async function openTty(stream: ShellStream, options: TtyEngineOptions, context: OpenContext): Promise<Session> {
    const line = new Line(stream, environment.clock)
    try {
      return await open(line, options, context, environment)
    } catch (error) {
      line.destroy()
      throw error
    }
  }
}

async function open(line: Line, options: TtyEngineOptions, context: OpenContext, environment: TtyEnvironment): Promise<Session> {
  if (options.dialect !== 'posix') {
    const dialect = dialects.get(options.dialect)
    if (dialect !== undefined) return await openGear(line, dialect, options, context)
    throw new TransportError('INVALID_OPTIONS', `There is no dialect ${options.dialect}.`, { hint: `Dialects: posix, ${[...dialects.keys()].join(', ')}.`, details: { option: 'dialect' } })
  }
  const { login, sum } = await takeOver(line, options, context, environment)
  const nonce = Math.floor(environment.random() * 2 ** 40).toString(36)
  const { agent, pieceSize } = await loadAgent(line, { agent: options.agent ?? 'auto', nonce, rate: options.rate, signal: context.signal, sum })
  const loggedIn = login.userSent || login.passwordSent
  line.clear()
  if (agent === 'push') return new PushSession(line, { rate: options.rate, pieceSize, loggedIn, sum }, context, environment)
  context.notice({ code: 'small-agent', message: 'The far side has not the programs of the full agent: output is merged, and there is no stdin.' })
  return new LiteSession(line, loggedIn, context, environment)
}
