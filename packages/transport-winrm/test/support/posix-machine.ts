// The emulator with `sh` in cmd's place: what is tested is the protocol, not Windows.
import { spawn } from 'node:child_process'
import { startEmulator, type EmulatorKnobs, type SpawnCommand, type WinrmEmulator } from '../../emulator/index.js'

export const posixSpawn: SpawnCommand = (line, { env, cwd }) =>
  spawn('/bin/sh', ['-c', line], { env: { ...process.env, ...Object.fromEntries(env) }, cwd, stdio: 'pipe', detached: true })

export function startPosixMachine(knobs: EmulatorKnobs = {}): Promise<WinrmEmulator> {
  return startEmulator({ spawn: posixSpawn, shell: 'cmd', ...knobs })
}
