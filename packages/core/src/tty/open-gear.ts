// From whatever a console shows to the prompt of gear: login, pagers, enable, setup.
import type { OpenContext } from '../driver.js'
import { TransportError } from '../errors.js'
import { atPager, atPagerEnd, atPrompt } from './answer.js'
import type { Dialect } from './dialects/dialect.js'
import type { Line } from './line.js'
import { logIn } from './log-in.js'
import type { TtyEngineOptions } from './options.js'
import { PromptSession, readAnswer } from './prompt-session.js'
import { lastLine } from './terminal-text.js'

const tries = 6

/** Throws AUTH_FAILED, CONNECT_FAILED, CONNECTION_LOST. */
export async function openGear(line: Line, dialect: Dialect, options: TtyEngineOptions, context: OpenContext): Promise<PromptSession> {
  const { signal } = context
  const prompt = options.prompt ?? dialect.prompt
  await logIn(line, options, context)
  for (let count = 0; !atPrompt(line.screen, prompt); count++) {
    if (count === tries) throw noPrompt(line.screen, dialect)
    // A start banner may stand in a pager; then whatever was typed is emptied and a new prompt asked for.
    const keys = atPagerEnd(line.screen) ? 'q' : atPager(line.screen) ? ' ' : `${dialect.clear}\r`
    line.clear()
    await line.write(keys)
    await line.wait({ until: (text) => atPrompt(text, prompt) || atPager(text), quietAfterText: 300, limit: 2000, signal })
  }
  const privileged = dialect.privileged
  if (options.enablePassword !== undefined && privileged !== undefined && !privileged.prompt.test(lastLine(line.screen))) {
    await enable(line, privileged, options.enablePassword.reveal(), signal)
  }
  for (const command of [...dialect.setup, ...(options.setup ?? [])]) {
    line.clear()
    await line.write(`${command}\r`)
    const answer = await readAnswer(line, prompt, signal)
    if (dialect.error.test(answer)) context.notice({ code: 'setup', message: `The far side does not take "${command}".` })
  }
  line.clear()
  return new PromptSession(line, dialect, options, context)
}

async function enable(line: Line, { command, prompt }: NonNullable<Dialect['privileged']>, password: string, signal: AbortSignal): Promise<void> {
  line.clear()
  await line.write(`${command}\r`)
  await line.wait({ until: (text) => /password:\s*$/i.test(text) || prompt.test(lastLine(text)), limit: 5000, signal })
  if (prompt.test(lastLine(line.screen))) return
  line.clear()
  await line.write(`${password}\r`)
  await line.wait({ until: (text) => prompt.test(lastLine(text)) || /[>:] ?$/.test(lastLine(text)), quietAfterText: 1000, limit: 5000, signal })
  if (!prompt.test(lastLine(line.screen))) {
    throw new TransportError('AUTH_FAILED', 'The password of enable was rejected.', { hint: 'Check enablePassword. It was tried once only.', details: { reason: 'bad_enable_password' } })
  }
}

function noPrompt(screen: string, { name }: Dialect): TransportError<'CONNECT_FAILED'> {
  return new TransportError('CONNECT_FAILED', `No prompt of dialect ${name} appeared; the last line: ${JSON.stringify(lastLine(screen.trimEnd()).slice(-120))}`, {
    hint: 'Give the right dialect, or prompt, a regular expression that matches the last line.',
  })
}
