import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { peer } from '@train-ts/testkit'
import { parseAnswer } from '../src/answer.js'
import type { Answer } from '../src/answer.js'
import { budget, collect, envelope, page, remove } from '../src/envelope.js'

const directory = mkdtempSync(join(tmpdir(), 'train-ts-envelope-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let count = 0
const newId = (): string => `test${String(process.pid)}x${String(count++)}`

interface Shell { readonly name: string; readonly argv: readonly string[] }
const shells: readonly Shell[] = [
  { name: 'sh', argv: ['sh'] },
  ...(['dash', 'bash', 'mksh', 'ksh93', 'zsh', 'yash'] as const).map((name) => ({ name, argv: [name] })),
  { name: 'busybox', argv: ['busybox', 'sh'] },
]

function run(text: string, argv: readonly string[] = ['sh'], environment: Record<string, string> = {}): { readonly answer: Answer; readonly status: number | null; readonly stdout: string } {
  const file = join(directory, '_script.sh')
  writeFileSync(file, text)
  const [program = 'sh', ...rest] = argv
  const child = spawnSync(program, [...rest, file], { env: { PATH: process.env['PATH'], TMPDIR: directory, ...environment }, encoding: 'utf8', maxBuffer: 1e8 })
  return { answer: parseAnswer(child.stdout, child.stderr), status: child.status, stdout: child.stdout }
}

function result(command: string, stdin?: Uint8Array, argv?: readonly string[]) {
  const { answer } = run(envelope({ id: newId(), command, stdin, leftovers: [] }), argv)
  if (answer.kind !== 'result') throw new Error(`no result: ${JSON.stringify(answer)}`)
  return { ...answer, out: Buffer.from(answer.stdout.data), err: Buffer.from(answer.stderr.data) }
}

describe.each(shells)('the envelope under $name', ({ argv }) => {
  const missing = argv[0] !== 'sh' && !peer(argv[0] ?? '').available
  test.skipIf(missing)('gives code and both streams, whatever the bytes are', () => {
    const { code, out, err } = result(String.raw`printf 'a\000\377b\n'; printf 'only error' >&2; exit 194`, undefined, argv)
    expect([code, out.toString('latin1'), err.toString()]).toEqual([194, 'a\0\xffb\n', 'only error'])
  })
  test.skipIf(missing)('gives stdin to the command, byte for byte', () => {
    const bytes = Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 7) % 256))
    expect(result('cat; exit 3', bytes, argv)).toMatchObject({ code: 3, out: bytes })
  })
  test.skipIf(missing)('a background child does not hold it, and what it still says within a moment arrives', () => {
    const started = performance.now()
    expect(result('(sleep 0.1; echo late) & (sleep 20; echo never) & echo done', undefined, argv).out.toString()).toBe('done\nlate\n')
    expect(performance.now() - started).toBeLessThan(5_000)
  })
  test.skipIf(missing)('a killed command has its code and no message of the shell', () => {
    expect(result('kill -9 $$', undefined, argv)).toMatchObject({ code: 137, err: Buffer.alloc(0) })
  })
})

describe('the envelope', () => {
  test('leaves nothing behind, neither after success nor after failure', () => {
    result('echo a')
    result('exit 9')
    expect(readdirSync(directory).filter((name) => name.startsWith('.train-ts'))).toEqual([])
  })
  test('the step itself ends with 0 or 1', () => {
    expect(run(envelope({ id: newId(), command: 'exit 194', stdin: undefined, leftovers: [] })).status).toBe(1)
    expect(run(envelope({ id: newId(), command: 'true', stdin: undefined, leftovers: [] })).status).toBe(0)
  })
  test('the command sees the environment, the umask and the stdin of the agent', () => {
    const bare = spawnSync('sh', ['-c', 'env | grep -v "^PWD=\\|^_=\\|^OLDPWD=\\|^SHLVL="; umask; readlink /proc/self/fd/0'], { env: { PATH: process.env['PATH'], TMPDIR: directory }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect(result('env | grep -v "^PWD=\\|^_=\\|^OLDPWD=\\|^SHLVL="; umask; readlink /proc/self/fd/0').out.toString()).toBe(bare.stdout)
  })
  test('stdout is no file: > /dev/stderr overwrites nothing', () => {
    expect(result('echo one >&2; echo two > /dev/stderr; echo three >&2').err.toString()).toBe('one\ntwo\nthree\n')
  })
  test('clean text travels as it is, with nothing but the first line added', () => {
    const { stdout } = run(envelope({ id: newId(), command: 'echo hello; printf "gr\\303\\274n\\n"', stdin: undefined, leftovers: [] }))
    expect(stdout).toBe('%train-ts 1 0 t:12:12 t:0:0 lost=\nhello\ngrün\n')
  })
  test.each([['control characters', String.raw`printf 'a\033[1mb\007'`], ['invalid UTF-8', String.raw`printf 'a\303'`]])('%s travel in base64', (_title, command) => {
    expect(run(envelope({ id: newId(), command, stdin: undefined, leftovers: [] })).stdout).toMatch(/^%train-ts 1 0 b:/)
  })
  test('no two braces meet in what is sent, and the command has them again', () => {
    const command = "echo '{{ssm:secret}} {{{{ }}' {{a"
    const text = envelope({ id: newId(), command, stdin: undefined, leftovers: [] })
    expect(text).not.toMatch(/\{\{/)
    expect(result(command).out.toString()).toBe('{{ssm:secret}} {{{{ }} {{a\n')
  })
  test('any text of a command arrives', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('\'', '"', '\\', '{', '}', '!', '$', '`', '\n', '\r', '\t', '\u0001', 'é', 'a', ' ', '\u{1f600}') }), (text) => {
      const quoted = `'${text.replaceAll("'", String.raw`'\''`)}'`
      expect(result(`printf %s ${quoted}`).out.toString()).toBe(text)
    }), { numRuns: 15 })
  })
  test('the largest command with the largest stdin stays below 48 KB of JSON, whatever is in them', () => {
    for (const character of ['a', "'", '"', '\\', '\n', '\u0001', '{', 'é', '\u2028']) {
      const command = character.repeat(Math.floor(budget.command / Buffer.byteLength(character)))
      const text = envelope({ id: 'a'.repeat(24), command, stdin: new Uint8Array(budget.stdin), leftovers: Array.from({ length: 8 }, () => 'b'.repeat(24)) })
      expect(Buffer.byteLength(JSON.stringify({ commands: [text] })), JSON.stringify(character)).toBeLessThanOrEqual(48 * 1024)
    }
  })
  test('output that compresses comes in one piece', () => {
    const { stdout, out } = result('yes 0123456789 | head -c 1000000')
    expect(stdout).toMatchObject({ total: 1_000_000, more: false, damaged: false })
    expect(out.byteLength).toBe(1_000_000)
  })
  test('longer output stays on the node, is fetched in pages, and then is gone', () => {
    const id = newId()
    const { answer } = run(envelope({ id, command: 'head -c 100000 /dev/urandom; head -c 30000 /dev/urandom >&2', stdin: undefined, leftovers: [] }))
    if (answer.kind !== 'result') throw new Error(answer.kind)
    expect([answer.stdout.total, answer.stdout.more, answer.stderr.total, answer.stderr.more]).toEqual([100_000, true, 30_000, true])
    for (const stream of ['stdout', 'stderr'] as const) {
      let offset = answer[stream].data.byteLength
      while (offset < answer[stream].total) {
        const next = run(page(id, stream, offset, stream === 'stderr' ? answer.stderr.total : undefined)).answer
        if (next.kind !== 'page') throw new Error(next.kind)
        expect(next.part.damaged).toBe(false)
        offset += next.part.data.byteLength
      }
      expect(offset).toBe(answer[stream].total)
    }
    expect(existsSync(join(directory, `.train-ts-${id}`))).toBe(false)
  })
  test('a page of text is large, since it is compressed', () => {
    const id = newId()
    run(envelope({ id, command: 'seq 1 60000 | sed "s/^/a line of the log, number /"; head -c 40000 /dev/urandom', stdin: undefined, leftovers: [] }))
    const { answer } = run(page(id, 'stdout', 0, undefined))
    expect(answer.kind === 'page' ? answer.part.data.byteLength : 0).toBeGreaterThan(60_000)
    run(remove([id]))
    expect(existsSync(join(directory, `.train-ts-${id}`))).toBe(false)
  })
  test('what a killed command had written is collected', () => {
    const id = newId()
    const file = join(directory, 'killed.sh')
    writeFileSync(file, envelope({ id, command: 'echo before; echo problem >&2; sleep 30', stdin: undefined, leftovers: [] }))
    spawnSync('timeout', ['-s', 'KILL', '0.7', 'setsid', '-w', 'sh', file], { env: { PATH: process.env['PATH'], TMPDIR: directory } })
    const { answer } = run(collect(id))
    if (answer.kind !== 'result') throw new Error(answer.kind)
    expect([answer.code, Buffer.from(answer.stdout.data).toString(), Buffer.from(answer.stderr.data).toString()]).toEqual([undefined, 'before\n', 'problem\n'])
    spawnSync('pkill', ['-KILL', '-f', `.train-ts-${id}`])
  })
  test('a directory that is already there is not taken: the next place is', () => {
    const id = newId()
    spawnSync('mkdir', [join(directory, `.train-ts-${id}`)])
    expect(run(envelope({ id, command: 'echo hi', stdin: undefined, leftovers: [] })).answer).toMatchObject({ kind: 'result', code: 0 })
    expect(existsSync(join(directory, `.train-ts-${id}`))).toBe(true)
  })
  test('an id whose directory is gone is refused', () => {
    expect(run(page('nowhere', 'stdout', 0, undefined)).answer).toEqual({ kind: 'refused', reason: 'no-directory' })
  })
})
