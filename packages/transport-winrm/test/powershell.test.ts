import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { peer } from '@train-ts/testkit'
import { testWithPeer } from '@train-ts/testkit/vitest'
import { describe, expect, test, vi } from 'vitest'
import { Language, Parser } from 'web-tree-sitter'
import { bootstrapScript, powershellCommandLine, scriptFrame } from '../src/codec/powershell-bootstrap.js'
import { connectTo, machine } from './support/connect.js'
import { standInSpawn } from './support/powershell-stand-in.js'

const vectors = JSON.parse(readFileSync(new URL('vectors/powershell.json', import.meta.url), 'utf8')) as {
  readonly exitCodes: readonly { readonly name: string; readonly script: string; readonly exit: number; readonly stdout: string }[]
}
const knobs = { spawn: standInSpawn, shell: 'powershell' } as const

describe('scripts of ours', () => {
  test('parse, by a grammar that nobody here wrote', async () => {
    await Parser.init()
    const parser = new Parser()
    parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')))
    const hasError = (script: string): boolean => parser.parse(script)?.rootNode.hasError ?? true
    expect(hasError(bootstrapScript)).toBe(false)
    expect(hasError(bootstrapScript.replace('}', ''))).toBe(true)
  })

  test('the line that starts the process fits cmd', () => {
    expect(powershellCommandLine.length).toBeLessThan(8000)
  })

  test('a frame says its length in 12 digits', () => {
    expect(scriptFrame('ä').toString()).toBe('000000000004w6Q=')
  })
})

describe('a process that was started ahead', () => {
  test('output, exit code, and the input after the script', async () => {
    const host = await connectTo(await machine(knobs))
    expect(await host.run('echo "out ä"; cat; exit 7', { stdin: 'in' })).toMatchObject({ stdout: 'out ä\nin', exitCode: 7 })
  })

  test('a command finds it waiting: it costs no start', async () => {
    const emulator = await machine(knobs)
    const host = await connectTo(emulator)
    const commands = (): number => emulator.log.filter((operation) => operation === 'Command').length
    await host.run('true')
    await vi.waitFor(() => expect(commands()).toBe(2))
    await host.run('exit 1')
    await vi.waitFor(() => expect(commands()).toBe(3))
    expect(emulator.log.filter((operation) => operation === 'Create')).toHaveLength(1)
  })

  test('gone with its shell, it is replaced', async () => {
    const emulator = await machine(knobs)
    const host = await connectTo(emulator)
    await host.run('true')
    await vi.waitFor(() => expect(emulator.log.filter((operation) => operation === 'Command')).toHaveLength(2))
    emulator.dropShells()
    expect((await host.run('exit 6')).exitCode).toBe(6)
  })

  test('a script of any length', async () => {
    const host = await connectTo(await machine({ ...knobs, maxEnvelopeKilobytes: 150 }))
    expect((await host.run(`: ${'x'.repeat(100_000)}\nexit 5`)).exitCode).toBe(5)
  })

  test('an empty script is refused before it is sent', async () => {
    const emulator = await machine(knobs)
    await expect((await connectTo(emulator)).run('  ')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
    expect(emulator.log).not.toContain('Create')
  })

  test('CLIXML on stderr becomes text and records; progress and what Write-Host wrote are dropped', async () => {
    const host = await connectTo(await machine(knobs))
    const clixml = (name: string): string => {
      const sample = (vectors as unknown as { clixml: readonly { name: string; stderrBase64: string }[] }).clixml.find((one) => one.name.startsWith(name))
      return `echo ${sample?.stderrBase64 ?? ''} | base64 -d >&2`
    }
    expect(await host.run(clixml('07'))).toMatchObject({
      stderr: 'Write-Error: e1\nWrite-Error: e2\n',
      records: [{ stream: 'warning', text: 'w1' }, { stream: 'verbose', text: 'v1' }, { stream: 'warning', text: 'w2' }],
    })
    expect((await host.run(clixml('08'))).stderr).toBe('raw first\nraw last\nWrite-Error: e\n')
  })

  test('without a PowerShell behind it the emulator says so', async () => {
    vi.stubEnv('TRAIN_PWSH', '')
    const emulator = await machine({ spawn: undefined as never, shell: 'powershell' })
    vi.unstubAllEnvs()
    await expect((await connectTo(emulator)).run('exit 0')).rejects.toThrow(/TRAIN_PWSH/)
  })
})

testWithPeer(
  peer('pwsh'),
  'exit codes and output of a fresh process, in 61 of 62 recorded cases',
  async () => {
    const host = await connectTo(await machine({ spawn: undefined as never, shell: 'powershell' }))
    const differing: string[] = []
    for (const { name, script, exit, stdout } of vectors.exitCodes) {
      if (script.trim() === '') continue
      const result = await host.run(script)
      if (result.exitCode !== exit || result.stdout !== stdout) differing.push(name)
    }
    expect(differing).toEqual([])
  },
  300_000,
)
