// The programs behind a shell's lines: wine's cmd.exe, and a real PowerShell where TRAIN_PWSH names one.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpawnCommand } from './knobs.js'

const wine = '/usr/lib/wine/wine64'
type Where = Parameters<SpawnCommand>[1]

export interface Programs {
  readonly run: SpawnCommand
  dispose(): Promise<void>
}

export function hasWine(): boolean {
  return existsSync(wine)
}

export function powershellPath(): string | undefined {
  return process.env['TRAIN_PWSH'] || undefined
}

/** A line for `powershell.exe`, as a client that wants PowerShell sends it: its arguments. */
export function powershellArguments(line: string): readonly string[] | undefined {
  const words = line.trim().split(/\s+/)
  return /^"?powershell(\.exe)?"?$/i.test(words[0] ?? '') ? words.slice(1).filter((word) => word !== '-ExecutionPolicy' && word !== 'Bypass') : undefined
}

/**
 * Lines for wine's cmd.exe. The prefix (the emulated C:) is kept in `WINEPREFIX`, or below the temporary directory for the next time:
 * to make one takes seconds.
 */
export async function winePrograms(): Promise<Programs> {
  const directory = mkdtempSync(join(tmpdir(), 'train-winrm-'))
  const prefix = process.env['WINEPREFIX'] ?? join(tmpdir(), `train-wine-${process.getuid?.() ?? 0}`)
  let number = 0
  // One cmd.exe runs all the time: wine's own services live as long as anybody does, and must not belong to a command that is ended.
  const holder = spawn(wine, ['cmd'], { env: windowsEnvironment(new Map(), prefix), stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = new Promise<void>((resolve) => holder.once('exit', () => resolve()))
  await Promise.race([once(holder.stdout, 'data'), exited])
  holder.stdout.resume()
  return {
    run(line, where) {
      const arguments_ = powershellArguments(line)
      if (arguments_ !== undefined) return powershell(arguments_, where)
      // Wine quotes arguments in its own way, so the line goes into a file; there a percent sign that names nothing is doubled.
      number += 1
      const script = join(directory, `${number}.bat`)
      const env = windowsEnvironment(where.env, prefix)
      writeFileSync(script, `@echo off\r\n${escapePercent(line, env)}\r\n`)
      return spawn(wine, ['cmd', '/c', `Z:${script.replaceAll('/', '\\')}`], { env, cwd: unixPath(where.cwd, prefix), stdio: 'pipe', detached: true })
    },
    async dispose() {
      holder.stdin.end('exit\r\n')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export function powershell(arguments_: readonly string[], where: Where): ChildProcess {
  return spawn(powershellPath() ?? 'pwsh', arguments_, { env: { ...process.env, ...Object.fromEntries(where.env) }, cwd: where.cwd, stdio: 'pipe', detached: true })
}

/** Variables that wine sets by itself, beside those that it is given. */
const wineVariables: ReadonlySet<string> = new Set(
  'ALLUSERSPROFILE APPDATA CLIENTNAME COMMONPROGRAMFILES COMPUTERNAME COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA LOGONSERVER NUMBER_OF_PROCESSORS OS PATH PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA PROGRAMFILES PROMPT PUBLIC SESSIONNAME SYSTEMDRIVE SYSTEMROOT TEMP TMP USERDOMAIN USERNAME USERPROFILE WINDIR CD DATE TIME RANDOM ERRORLEVEL'.split(' '),
)

function escapePercent(line: string, env: Readonly<Record<string, string | undefined>>): string {
  const known = new Set([...wineVariables, ...Object.keys(env).map((name) => name.toUpperCase())])
  return line.replace(/%([^%\s:]+)(:[^%]*)?%|%/g, (match, name: string | undefined) => (name !== undefined && known.has(name.toUpperCase()) ? match : match.replaceAll('%', '%%')))
}

/** No variables of ours: Windows does not have them. */
function windowsEnvironment(env: ReadonlyMap<string, string>, prefix: string): Record<string, string | undefined> {
  const { HOME, PATH, USER, LANG } = process.env
  return { HOME, PATH, USER, LANG, WINEPREFIX: prefix, WINEDEBUG: '-all', ...Object.fromEntries(env) }
}

function unixPath(cwd: string | undefined, prefix: string): string | undefined {
  if (cwd === undefined) return undefined
  const drive = /^([a-z]):[\\/]?(.*)$/i.exec(cwd)
  if (drive === null) return cwd
  const root = drive[1]?.toLowerCase() === 'z' ? '/' : join(prefix, 'dosdevices', `${drive[1]?.toLowerCase() ?? 'c'}:`)
  return join(root, (drive[2] ?? '').replaceAll('\\', '/'))
}
