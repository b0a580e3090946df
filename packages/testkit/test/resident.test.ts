import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '@train-ts/core'
import { connect, isTransportError } from '@train-ts/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peer } from '../src/peers.js'
import { describeWithPeer } from '../src/vitest-peers.js'

// The resident shell over local:, with each shell of Debian in the place of `sh`.
const shells = ['dash', 'bash', 'busybox', 'mksh', 'ksh93', 'zsh', 'yash'] as const
const reuse = { reuseShell: true } as const

/** A program whose `sh` is `shell`, and which is itself that shell. */
function programOf(directory: string, shell: string, path: string): string {
  const bin = mkdtempSync(join(directory, `${shell}-`))
  if (shell === 'zsh') writeFileSync(join(bin, 'sh'), `#!/bin/bash\nexec ${path} --emulate sh "$@"\n`, { mode: 0o755 })
  else if (shell === 'busybox') writeFileSync(join(bin, 'sh'), `#!/bin/bash\nexec ${path} sh "$@"\n`, { mode: 0o755 })
  else symlinkSync(path, join(bin, 'sh'))
  const program = join(bin, 'program')
  writeFileSync(program, `#!/bin/bash\nexport PATH=${bin}:$PATH SHELL=${bin}/sh\nexec sh "$@"\n`)
  chmodSync(program, 0o755)
  return program
}

const directory = mkdtempSync(join(tmpdir(), 'train-resident-'))
afterAll(() => { rmSync(directory, { recursive: true, force: true }) })

for (const shell of shells) {
  const found = peer(shell)
  describeWithPeer(found, `the resident shell is ${shell}`, () => {
    let host: Connection
    beforeAll(async () => {
      host = await connect('local:', { program: programOf(directory, shell, found.path ?? '') })
    })
    afterAll(() => host.close())

    test('nothing of a command reaches the next', async () => {
      const home = await host.run('pwd; echo "[$LEAK]"; umask', reuse)
      await host.run('cd /; LEAK=1; export LEAK; umask 077; trap "echo trapped" EXIT; set -e; exec 9>/dev/null; false', reuse)
      expect(await host.run('pwd; echo "[$LEAK]"; umask', reuse)).toMatchObject({ stdout: home.stdout, stderr: '', exitCode: 0 })
    })

    test.each([
      ['exit 42', 42], ['false', 1], ['true', 0], ['exec sh -c "exit 7"', 7], ['(exit 3)', 3], ['kill -9 $$', 137], ['kill -15 $$', 143], ['exit 200', 200],
    ])('%s ends with %i', async (command, code) => {
      expect((await host.run(command, reuse)).exitCode).toBe(code)
    })

    test.each([['unterminated "quote'], ['if true'], ['echo $('], [') ; evil ; (']])('a syntax error is the command\'s own: %s', async (command) => {
      const { exitCode, stderr } = await host.run(command, reuse)
      expect(exitCode).not.toBe(0)
      expect(stderr).not.toBe('')
      expect((await host.run('echo alive', reuse)).stdout).toBe('alive\n')
    })

    test('output is exact: no newline at the end, NUL, invalid UTF-8, both streams', async () => {
      const result = await host.run("printf 'a\\0b\\377'; printf 'x\\n\\ny' >&2", { ...reuse, encoding: 'bytes' })
      expect(Buffer.from(result.stdout)).toEqual(Buffer.from([0x61, 0, 0x62, 0xff]))
      expect(Buffer.from(result.stderr).toString()).toBe('x\n\ny')
      expect((await host.run('head -c 300000 /dev/zero | tr "\\0" z', reuse)).stdout).toHaveLength(300_000)
    })

    test('stdin: text, no final newline, any byte, 64 KiB; more takes a process of its own', async () => {
      const bytes = Buffer.from(Array.from({ length: 65_536 }, (_value, index) => (index * 31) & 255))
      for (const stdin of [Buffer.from('line\n'), Buffer.from('no newline'), Buffer.from("EOF\n'$`\\\n"), bytes, Buffer.concat([bytes, bytes])]) {
        expect(Buffer.from((await host.run('cat', { ...reuse, stdin, encoding: 'bytes' })).stdout)).toEqual(stdin)
      }
      expect((await host.run('cat', reuse)).stdout).toBe('')
      expect((await host.run('cat; exit 5', { ...reuse, stdin: 'x' })).exitCode).toBe(5)
    })

    test('env, cwd and umask are the call\'s', async () => {
      const { stdout } = await host.run('pwd; umask; echo "$A"', { ...reuse, cwd: '/usr', umask: 0o27, env: { A: "it's" } })
      expect(stdout.replace('00', '0')).toBe("/usr\n027\nit's\n")
      await expect(host.run('pwd', { ...reuse, cwd: '/nonexistent' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    })

    test('many at once come back with their own output', async () => {
      const results = await Promise.all(Array.from({ length: 30 }, (_value, index) => host.run(`echo ${String(index)}; echo e${String(index)} >&2`, reuse)))
      expect(results.map(({ stdout, stderr }) => stdout + stderr)).toEqual(results.map((_result, index) => `${String(index)}\ne${String(index)}\n`))
    })

    test('a stopped command ends with its children, and the shell lives on', async () => {
      const pid = (await host.run('echo $PPID', reuse)).stdout
      let children = ''
      const error: unknown = await (async () => {
        for await (const event of host.stream('trap "" TERM; sleep 300 & echo $! $$; wait; sleep 300', { ...reuse, timeout: 20_000 })) {
          if (event.type !== 'stdout') continue
          children += Buffer.from(event.data).toString()
          if (children.includes('\n')) break
        }
      })().catch((reason: unknown) => reason)
      expect(error).toBeUndefined()
      for (const child of children.trim().split(' ')) expect(isRunning(Number(child))).toBe(false)
      expect((await host.run('echo $PPID', reuse)).stdout).toBe(pid)
    })

    test('when it dies, what ran fails, nothing is run twice, and the next command gets a new one', async () => {
      const file = join(directory, `${shell}-count`)
      const killer = host.run(`echo once >> ${file}; [ "$(cat /proc/$PPID/comm)" = node ] || kill -9 $PPID; sleep 0.2`, reuse)
      const behind = host.run('echo behind', reuse)
      const error: unknown = await killer.catch((reason: unknown) => reason)
      expect(isTransportError(error) && [error.code, error.details.reason]).toEqual(['PROTOCOL_ERROR', 'resident-shell'])
      expect((await behind).stdout).toBe('behind\n')
      expect((await host.run('echo new', reuse)).stdout).toBe('new\n')
      expect(readFileSync(file, 'utf8')).toBe('once\n')
    })

    test('no marker is to be seen by a command', async () => {
      const { stdout } = await host.run('set; echo "$_"; cat /proc/$PPID/cmdline /proc/$PPID/environ | tr "\\0" "\\n"', reuse)
      expect(stdout).not.toMatch(/[0-9a-f]{24}1?[0-9a-f]:/)
    })
  })
}

/** Not gone, and not a zombie that a lazy parent has not asked for. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))
  } catch {
    return false
  }
}
