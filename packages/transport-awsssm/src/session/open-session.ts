// mode=session: commands over one interactive session, by core's engine for terminals.
import type { OpenContext, Session } from '@train-ts/core'
import { isTransportError } from '@train-ts/core'
import { openTty } from '@train-ts/core/tty'
import { settleWithin } from '../abort.js'
import type { Aws } from '../aws.js'
import type { AwsSsmOptions } from '../options.js'
import { createDataKeySource } from './data-key.js'
import { createSessionApi } from './session-api.js'
import { openShell } from './shell-stream.js'

export interface SessionSettings {
  readonly options: Readonly<AwsSsmOptions> & { readonly host: string }
  readonly region: string
}

/** The agent's shell may need a second or two until its first prompt. */
const greeting = 3_000

/** A shell's session. It ends with `close`, which terminates it in the service too. */
export async function openSession(aws: Aws, { options, region }: SessionSettings, context: OpenContext): Promise<Session> {
  const api = createSessionApi(aws)
  const ticket = await api.start(options.host, options.session_document, undefined, context.signal)
  const notice = (message: string): void => context.notice({ code: 'session', message })
  const parts = { api, region, endpoint: options.endpoint, target: options.host, dataKey: createDataKeySource({ ...options, region }), notice }
  const stream = await openShell(parts, ticket, context.signal)
  const closed = new Promise<void>((resolve) => { stream.once('close', resolve) })
  const end = async (): Promise<void> => {
    stream.destroy()
    await settleWithin(closed, 6_000)
  }
  const session = await openTty(stream, { dialect: 'posix', greeting, terminal: { columns: 200, rows: 50, term: 'dumb' } }, context).catch(async (error: unknown) => {
    await end()
    // What the engine sees is a line that was closed; the stream knows why.
    throw isTransportError(stream.errored) ? stream.errored : error
  })
  return {
    ...(session.capabilities === undefined ? {} : { capabilities: session.capabilities }),
    exec: (request) => session.exec(request),
    async close() {
      await session.close()
      await end()
    },
  }
}
