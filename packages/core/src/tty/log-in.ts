// The dialogue of a login, driven by the table of `login.ts`.
import type { OpenContext } from '../driver.js'
import { TransportError } from '../errors.js'
import { pause } from './clock.js'
import type { Line } from './line.js'
import { loginStep, noLogin } from './login.js'
import type { LoginFailure, LoginState } from './login.js'
import type { TtyEngineOptions } from './options.js'
import { readScreen } from './screen.js'
import type { Screen } from './screen.js'
import { lastLine, stripTerminal } from './terminal-text.js'

const defaults = { greeting: 300, patience: 12_000 }

/** A prompt counts when nothing has followed it for so long. */
const settled = 200

/** Answers the login, if there is one. The screen is left as it is then. Throws AUTH_FAILED. */
export async function logIn(line: Line, options: TtyEngineOptions, context: OpenContext): Promise<LoginState> {
  const { signal } = context
  const patience = options.patience ?? defaults.patience
  let state: LoginState = noLogin
  let nudged = false
  const begin = line.clock.now()
  await line.wait({ quiet: options.greeting ?? defaults.greeting, quietAfterText: settled, limit: 3000 + (options.greeting ?? 0), signal })
  for (;;) {
    const screen = classify(line.screen, options, state)
    const step = loginStep(state, screen, options.user !== undefined)
    switch (step.act) {
      case 'go-on':
        // A greeting, or the start of what the login shell says: a prompt comes yet, or nothing does.
        if (screen === 'other' && line.clock.now() - begin < patience && await more(line, state.passwordSent || state.userSent ? 3000 : 1000, signal)) break
        if (screen !== 'other' || nudged || state.userSent || state.passwordSent) return state
        nudged = true
        await nudge(line, signal)
        break
      case 'wait':
        if (await more(line, screen === 'boot' || state.userSent || state.passwordSent ? patience : 1000, signal)) break
        if (nudged) return state
        nudged = true
        await nudge(line, signal)
        break
      case 'send-user':
        state = step.state
        await answer(line, options.user ?? '', signal)
        break
      case 'send-password':
        state = step.state
        // getpass throws away what was typed before it has begun.
        await pause(line.clock, 50)
        await answer(line, await passwordOf(options, context, line.screen), signal)
        break
      case 'decline':
        state = step.state
        await answer(line, '', signal)
        break
      case 'fail':
        throw loginError(step.reason, line.screen)
    }
  }
}

function classify(text: string, { loginPrompt, passwordPrompt }: TtyEngineOptions, state: LoginState): Screen {
  const plain = stripTerminal(text)
  if (loginPrompt?.test(plain) === true) return 'login'
  if (passwordPrompt?.test(plain) === true) return 'password'
  const screen = readScreen(text)
  // A failure that stands there before anything was typed is somebody else's.
  const ours = state.userSent || state.passwordSent
  return !ours && (screen === 'failed' || screen === 'expired' || screen === 'unavailable') ? readScreen(lastLine(text)) : screen
}

/** Whether more has come within `limit`, and has settled. */
async function more(line: Line, limit: number, signal: AbortSignal): Promise<boolean> {
  const before = line.screen
  const changed = await line.wait({ until: (text) => text !== before, limit, signal })
  if (changed !== 'match') return false
  await line.wait({ quiet: settled, limit: 3000, signal })
  return true
}

/** One CR: a getty answers with its prompt, a shell with its own, and an agent does not hear it. */
async function nudge(line: Line, signal: AbortSignal): Promise<void> {
  await line.write('\r')
  await line.wait({ quiet: 1500, quietAfterText: settled, limit: 9000, signal })
}

async function answer(line: Line, text: string, signal: AbortSignal): Promise<void> {
  line.clear()
  await line.write(`${text}\r`)
  // The echo of what was typed is not the answer yet.
  await line.wait({ until: (screen) => stripTerminal(screen).replace(text, '').trim() !== '', limit: 12_000, signal })
  await line.wait({ quiet: settled, limit: 5000, signal })
}

async function passwordOf(options: TtyEngineOptions, context: OpenContext, screen: string): Promise<string> {
  return options.password?.reveal() ?? await context.prompt({ message: lastLine(screen).trim() || 'Password:', echo: false })
}

function loginError(reason: LoginFailure, screen: string): TransportError<'AUTH_FAILED'> {
  const said = JSON.stringify(stripTerminal(screen).trim().split(/[\r\n]+/).slice(-3).join(' ').slice(-200))
  switch (reason) {
    case 'no-user': return new TransportError('AUTH_FAILED', 'The console asks for a login, and no user was given.', { hint: 'Give user and password.', details: { reason } })
    case 'rejected': return new TransportError('AUTH_FAILED', `The console rejected the login: ${said}`, { hint: 'Check user and password. It was tried once only, so that no account gets locked.', details: { reason } })
    case 'expired': return new TransportError('AUTH_FAILED', 'The password has expired; the console demands a new one.', { hint: 'Log in by hand and change it.', details: { reason } })
    case 'unavailable': return new TransportError('AUTH_FAILED', `The account cannot log in: ${said}`, { hint: 'Use an account with a login shell.', details: { reason } })
  }
}
