// The system's own GSSAPI as the far side of a login: a program of Python's in front of an emulator.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { WinrmEmulator } from '../../emulator/index.js'

export interface Gateway extends AsyncDisposable {
  readonly port: number
  /** What it said about refusals. */
  readonly complaints: readonly string[]
}

export interface GatewaySettings {
  readonly mechanism: 'ntlm' | 'krb5' | 'spnego'
  readonly certificate?: { readonly cert: string; readonly key: string }
  readonly env: Readonly<Record<string, string>>
}

export async function startGateway(emulator: WinrmEmulator, settings: GatewaySettings): Promise<Gateway> {
  const program = fileURLToPath(new URL('../peers/gss_gateway.py', import.meta.url))
  const { cert = '-', key = '-' } = settings.certificate ?? {}
  const child = spawn('/usr/bin/python3', [program, settings.mechanism, String(emulator.port), cert, key], { env: { PATH: process.env['PATH'], ...settings.env }, stdio: 'pipe' })
  const complaints: string[] = []
  createInterface(child.stderr).on('line', (line) => complaints.push(line))
  const exited = once(child, 'exit')
  const port = await Promise.race([once(createInterface(child.stdout), 'line').then(([line]) => Number(line)), exited.then(() => 0)])
  if (port === 0) throw new Error(`the gateway did not start: ${complaints.join('\n')}`)
  return {
    port,
    complaints,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
