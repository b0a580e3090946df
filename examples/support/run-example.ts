// Runs an example as a person does, in a process of its own.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when the program has printed this. */
  printed(text: string): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

export function startExample(file: string, parameters: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Running {
  const { NO_COLOR: _none, FORCE_COLOR: _color, ...inherited } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/${file}`, ...parameters], { cwd: root, env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
  })
  return {
    child,
    ended,
    printed: (text) => new Promise((resolve, reject) => {
      const look = (): void => {
        if (!`${said.stdout}${said.stderr}`.includes(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void ended.then(({ code }) => reject(new Error(`It ended with ${String(code)} before it printed ${text}:\n${said.stdout}${said.stderr}`)))
    }),
  }
}

export function runExample(file: string, parameters: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startExample(file, parameters, environment).ended
}
