import type { Duplex } from 'node:stream'
import type { OpenContext, Session } from '@train-ts/core'
import { openTty } from '@train-ts/core/tty'
import type { TtyEngineOptions } from '@train-ts/core/tty'
import { byteRate, defaultRate, openPort } from './open-port.js'
import type { SerialOptions } from './options.js'
import { nativeOf, portStream } from './port-stream.js'
import type { SerialNative } from './port-stream.js'

/** Reaches the console, logs in if it asks, and takes it over. */
export async function open(options: Readonly<SerialOptions>, context: OpenContext): Promise<Session<SerialNative>> {
  const { device, baud } = options
  if (device === undefined) {
    const { host = '', port = 0 } = options // `resolve` has seen to both
    const stream = await context.dial(host, port, context)
    return derive(await overStream(stream, options, baud === undefined ? undefined : byteRate(options), context))
  }
  const port = await openPort(device, options, context)
  const session = await overStream(portStream(port), options, byteRate(options), context)
  return { ...derive(session), native: nativeOf(port), loginCommand: () => ['screen', device, String(baud ?? defaultRate)] }
}

async function overStream(stream: Duplex, options: SerialOptions, rate: number | undefined, context: OpenContext): Promise<Session> {
  let opened = false
  if (options.debugSerial) {
    stream.on('data', (data: Buffer) => { if (!opened) context.notice({ code: 'serial-traffic', message: JSON.stringify(data.toString('latin1')) }) })
  }
  const session = await openTty(stream, engineOptions(options, rate), context)
  opened = true
  return session
}

/** The session's own methods, bound: it is a class's instance, whose methods a spread would lose. */
function derive(session: Session): Session<SerialNative> {
  const { capabilities } = session
  return {
    ...(capabilities === undefined ? {} : { capabilities }), exec: (request) => session.exec(request), close: () => session.close(),
    ...(session.platform === undefined ? {} : { platform: session.platform.bind(session) }),
  }
}

function engineOptions(options: SerialOptions, rate: number | undefined): TtyEngineOptions {
  const { dialect, agent, user, password, enablePassword, greeting, patience, setup, teardown } = options
  const { promptPattern: prompt, errorPattern, loginPrompt, passwordPrompt } = options
  const patterns = { prompt, errorPattern, loginPrompt, passwordPrompt }
  const given = Object.entries({ rate, user, password, enablePassword, greeting, patience, setup, teardown }).filter(([, value]) => value !== undefined)
  const compiled = Object.entries(patterns).flatMap(([name, pattern]) => pattern === undefined ? [] : [[name, new RegExp(pattern, 'm')] as const])
  return { dialect, agent, ...Object.fromEntries(given), ...Object.fromEntries(compiled) }
}
