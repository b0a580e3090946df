// winrm:// to an emulator whose "cmd" is sh: the protocol, with a far side of which the kit and core know every trick.
import type { TransportDriver } from '@train-ts/core'
import winrm, { type WinrmOptions } from '../../src/index.js'

export const posixOverWinrm: TransportDriver<WinrmOptions> = {
  ...winrm,
  // The kit's rules about a network that goes away mean one wire for one session. Here a session outlives its wires: a socket that
  // closes is replaced, and the command's output goes on where it was. faults.test.ts has what holds instead.
  dials: false,
  async open(options, context) {
    const { platform: _, ...session } = await winrm.open(options, context)
    return { ...session, capabilities: { ...session.capabilities, shell: 'posix' } }
  },
}
