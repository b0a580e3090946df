import { randomBytes } from 'node:crypto'
import { checkSignal } from './call-scope.js'
import { Commands } from './commands.js'
import type { Connection } from './connection.js'
import type { CoreOptions } from './core-options.js'
import { dialDirect, dialThrough } from './dial.js'
import type { Dial } from './dial.js'
import type { AnyDriver, OpenContext } from './driver.js'
import { TransportError } from './errors.js'
import { finishError } from './prepare.js'
import type { PreparedTarget } from './prepare.js'
import { dialProxy } from './proxy.js'
import type { Redactor } from './redact.js'
import { ScriptCommands } from './script-commands.js'
import { SessionConnection } from './session-connection.js'
import { SessionSource } from './session-source.js'
import { openWhenReady } from './wait-until-ready.js'

/** Opens the connection that a `via` URL names; an argument, since that is `connect` itself. */
export type ConnectVia = (url: string | URL, core: CoreOptions) => Promise<Connection>

/** Opens a prepared target. Rejects with a finished error, and then nothing of it is left. */
export async function openConnection({ driver, resolved, redactor }: PreparedTarget, connectVia: ConnectVia): Promise<Connection> {
  const { core, display } = resolved
  try {
    refuseUnsupported(core)
    checkSignal(core.signal, 'connect')
    const { dial, closeBeneath } = await network(driver, core, connectVia)
    try {
      const source = new SessionSource({
        driver,
        options: resolved.options,
        connectTimeout: core.connectTimeout,
        context: contextOf(core, dial, redactor),
      })
      await openWhenReady(source, core.waitUntilReady, core.signal)
      const newToken = (): string => randomBytes(12).toString('hex')
      const commands = new Commands({
        source,
        newToken,
        commandTimeout: core.commandTimeout,
        elevation: core,
        loginShell: core.loginShell === true,
        reuseShell: core.reuseShell === true,
      })
      return new SessionConnection({
        driver,
        target: display,
        source,
        commands,
        scripts: new ScriptCommands(commands, source, newToken),
        redactor,
        closeBeneath,
      })
    } catch (error) {
      await closeBeneath()
      throw error
    }
  } catch (error) {
    throw finishError(error, 'connect', display, redactor, 'CONNECT_FAILED')
  }
}

/** What a driver is given to open with, but for the signal and `lost`. */
export function contextOf(core: CoreOptions, dial: Dial, redactor: Redactor): Omit<OpenContext, 'signal' | 'lost'> {
  return {
    dial,
    notice: ({ code, message }) => core.onNotice?.({ code, message: redactor.text(message) }),
    prompt: async (prompt) => {
      if (core.onPrompt === undefined)
        throw new TransportError('AUTH_FAILED', `The far side asks: ${prompt.message}`, {
          hint: 'Give the answer by an option, or listen with onPrompt.',
          details: { reason: 'no-prompt' },
        })
      return core.onPrompt(prompt)
    },
  }
}

/** How this driver reaches the network: direct, by a proxy, or through another connection, which is opened here when a URL names it. */
export async function network(
  driver: AnyDriver,
  core: CoreOptions,
  connectVia: ConnectVia,
): Promise<{ readonly dial: Dial; readonly closeBeneath: () => Promise<void> }> {
  const { via, proxy } = core
  const nothing = { closeBeneath: () => Promise.resolve() }
  if (via === undefined && proxy === undefined) return { dial: dialDirect, ...nothing }
  if (driver.dials !== true)
    throw new TransportError('UNSUPPORTED', `${driver.name} cannot go through another connection or a proxy.`, {
      hint: `Leave out ${via === undefined ? 'proxy' : 'via'}.`,
      details: { reason: via === undefined ? 'proxy' : 'via' },
    })
  if (via === undefined) return { dial: dialProxy(proxy ?? '', dialDirect), ...nothing }
  // A connection that is open already has its own way; a URL's connection takes the proxy.
  if (typeof via !== 'string' && !(via instanceof URL)) {
    if (proxy !== undefined)
      throw new TransportError('INVALID_OPTIONS', 'proxy and via say two ways to the network.', {
        hint: 'Give proxy to the connection that via names.',
        details: { option: 'proxy' },
      })
    return { dial: dialThrough(via), ...nothing }
  }
  const beneath = await connectVia(via, core)
  return { dial: dialThrough(beneath), closeBeneath: () => beneath.close() }
}

function refuseUnsupported(core: CoreOptions): void {
  if (core.audit !== undefined)
    throw new TransportError('UNSUPPORTED', 'The option audit of connect is not supported yet.', {
      hint: 'Leave it out.',
      details: { reason: 'audit' },
    })
}
