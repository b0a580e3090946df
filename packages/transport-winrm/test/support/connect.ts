// A machine and a connection to it, both closed when the test ends.
import { connectWith, type Connection } from '@train-ts/core'
import { onTestFinished } from 'vitest'
import type { EmulatorKnobs, WinrmEmulator } from '../../emulator/index.js'
import winrm from '../../src/index.js'
import { startPosixMachine } from './posix-machine.js'

export async function machine(knobs: EmulatorKnobs = {}): Promise<WinrmEmulator> {
  const emulator = await startPosixMachine(knobs)
  onTestFinished(() => emulator.close())
  return emulator
}

export async function connectTo(emulator: WinrmEmulator, options: Record<string, unknown> = {}): Promise<Connection> {
  const user = decodeURIComponent(new URL(emulator.url).username)
  const host = await connectWith(winrm, { host: '127.0.0.1', port: emulator.port, user, connectionRetries: 1, ...emulator.options, ...options })
  onTestFinished(() => host.close())
  return host
}
