// The bootstrap program over local:, awsssm:// (the emulator), ssh:// (a real sshd) and mock:.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Platform } from '@train-ts/core'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
// eslint-disable-next-line train/arrows -- a test's helper, not a part of a package: the same real sshd for both
import { addUser, sshdPeers, startSshd } from '../../packages/transport-ssh/test/sshd.js'
// eslint-disable-next-line train/arrows -- its types
import type { Sshd, TestUser } from '../../packages/transport-ssh/test/sshd.js'
import '../transports.js'
import { runExample, startExample } from '../support/run-example.js'
import { bootstrap } from './bootstrap.js'
import { printable } from './report.js'
import type { Report } from './report.js'
import { parseSettings, UsageError } from './settings.js'
import type { Settings } from './settings.js'
import { templateFor } from './templates.js'

const demo = 'examples/bootstrap/demo-installer.sh'
const key = 'c2VjcmV0LWtleS10aGF0LW5vYm9keS1zZWVz'

/** Where all of a test's files go, `temporary` being what must be empty afterwards. */
let directory = ''
let prefix = ''
let temporary = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'train-ts-bootstrap-'))
  chmodSync(directory, 0o777)
  prefix = join(directory, 'prefix')
  temporary = join(directory, 'tmp')
  mkdirSync(temporary)
  chmodSync(temporary, 0o777)
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function flags(installer = demo): readonly string[] {
  return ['--installer', installer, '--prefix', prefix, '--temporary-directory', temporary]
}

function script(text: string): string {
  const file = join(directory, 'installer.sh')
  writeFileSync(file, text)
  return file
}

function settings(...parameters: readonly string[]): Settings {
  const parsed = parseSettings(parameters, {})
  if ('help' in parsed) throw new Error('help')
  return parsed
}

/** Which of these processes are there, zombies aside: their parent has ended, and somebody else has to collect them. */
function running(pids: readonly string[]): readonly string[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,stat=', '-p', pids.join(',')], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.trim() !== '' && !/ Z/.test(line))
}

/** Keeps what would be printed. */
function recorder(): Report & { readonly steps: string[]; readonly lines: string[] } {
  const steps: string[] = []
  const lines: string[] = []
  return {
    steps, lines,
    step: async (name, work) => {
      steps.push(name)
      const [, value] = await work()
      return value
    },
    output: ({ text }) => void lines.push(text),
    note: (text) => void lines.push(text),
  }
}

// The SDK complains about Node 20, once in each process.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const never = new AbortController().signal

describe('over local:', () => {
  test('installs, runs, verifies, cleans up', async () => {
    const { code, stdout, stderr } = await runExample('bootstrap.ts', ['local:', '--node-name', 'web-1', '--run-list', 'recipe[base],web', ...flags()])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.match(/^ {2}(connect|detect|upload|run|verify|clean up) +ok/gm)).toHaveLength(6)
    expect(stdout).toContain(' [web-1] Converging recipe[base]\n [web-1] Converging recipe[web]\n')
    expect(readFileSync(join(prefix, 'var/lib/demo/converged'), 'utf8')).toBe('web-1 recipe[base]\nweb-1 recipe[web]\n')
    expect(statSync(join(prefix, 'etc/cinc/client.rb')).mode & 0o777).toBe(0o600)
    expect(readdirSync(temporary)).toEqual([])
  })

  test('the exit code is the script\'s, and the directory is removed all the same', async () => {
    const { code, stdout, stderr } = await runExample('bootstrap.ts', ['local:', ...flags(script('echo one; echo two >&2; exit 42'))])
    expect(code).toBe(42)
    expect(stdout).toContain(' [node] one\n')
    expect(stderr).toBe(' [node] two\n')
    expect(stdout).not.toContain('verify')
    expect(readdirSync(temporary)).toEqual([])
  })

  test('Ctrl-C ends the script, removes the directory, and is exit code 130', async () => {
    const program = startExample('bootstrap.ts', ['local:', ...flags(script('sleep 1234 & echo "pid $$ $!"; wait'))])
    await program.printed('pid ')
    expect(readdirSync(temporary)).toHaveLength(1)
    program.child.kill('SIGINT')
    const { code, stdout, stderr } = await program.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'Interrupted.\n' })
    expect(readdirSync(temporary)).toEqual([])
    const pids = /pid (\d+) (\d+)/.exec(stdout)?.slice(1) ?? []
    expect(pids).toHaveLength(2)
    expect(running(pids)).toEqual([])
  })

  test('--dry-run shows the script on stdout, without the key, and changes nothing', async () => {
    const keyFile = join(directory, 'key.pem')
    writeFileSync(keyFile, `${key}\n`)
    const { code, stdout, stderr } = await runExample('bootstrap.ts', ['local:', ...flags(), '--dry-run', '--validation-key', keyFile])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^#!\/bin\/sh\n/)
    expect(stdout).not.toContain(key)
    expect(stderr).toContain('detect')
    expect(readdirSync(temporary)).toEqual([])
    expect(existsSync(prefix)).toBe(false)
  })

  test('the key reaches its file, and no command line', async () => {
    const keyFile = join(directory, 'key.pem')
    writeFileSync(keyFile, `${key}\n`)
    const installer = script('for file in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$file"; done 2> /dev/null > "$BOOTSTRAP_PREFIX/lines"; :')
    const { exitCode } = await bootstrap(settings('local:', ...flags(installer), '--validation-key', keyFile), recorder(), never)
    expect(exitCode).toBe(0)
    expect(readFileSync(join(prefix, 'etc/cinc/validation.pem'), 'utf8')).toBe(`${key}\n`)
    const seen = readFileSync(join(prefix, 'lines'), 'utf8')
    expect(seen).not.toContain(key)
    expect(seen).not.toContain(Buffer.from(key).toString('base64'))
  })

  test('an error that is expected is a code, a sentence and a hint, never a stack', async () => {
    const { code, stderr } = await runExample('bootstrap.ts', ['ssh://127.0.0.1:1', ...flags()])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^CONNECT_FAILED: .*\n {2}.*\n/)
    expect(stderr).not.toContain('    at ')
  })

  test('--help, also of a transport', async () => {
    expect(await runExample('bootstrap.ts', ['--help', 'ssh://host'])).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/--installer FILE[^]*Options of ssh[^]*keyFiles/) })
  })
})

describe('the command line', () => {
  test.each([
    [[], 'no URL'],
    [['local:', 'ssh://a'], 'One machine at a time'],
    [['local:', '--nonsense'], '--nonsense'],
    [['local:', '--node-name', 'a b'], '--node-name'],
    [['local:', '--run-list', 'recipe[a];rm'], '--run-list'],
    [['local:', '--server-url', 'chef.example.com'], '--server-url'],
    [['local:', '--product', 'chef'], 'licence'],
    [['local:', '--prefix', '/tmp/x'], '--installer'],
    [['local:', '--installer', '/no/such/file'], '/no/such/file'],
    [['local:', '--temporary-directory', 'tmp'], 'slash'],
    [['local:', '--option', 'keyFiles'], 'NAME=VALUE'],
    [['local:', '--secret', 'password=NO_SUCH_VARIABLE'], 'NO_SUCH_VARIABLE'],
  ])('%j is refused', (parameters, says) => {
    expect(() => parseSettings(parameters, {})).toThrow(UsageError)
    expect(() => parseSettings(parameters, {})).toThrow(says)
  })

  test('the name of the node is the URL\'s host where nothing else is said', () => {
    expect(settings('ssh://root:p%40ss@web1.example.com:22/').node.nodeName).toBe('web1.example.com')
    expect(settings('awsssm://i-0123456789abcdef0').node.nodeName).toBe('i-0123456789abcdef0')
  })

  test('options and secrets go to connect', () => {
    const parsed = parseSettings(['ssh://a', '--option', 'keyFiles=/k', '--secret', 'password=PW', '--sudo', '--connect-timeout', '5'], { PW: 'x' })
    expect(parsed).toMatchObject({ connectOptions: { keyFiles: '/k', password: 'x', sudo: true, connection_timeout: '5' } })
  })
})

test('the machine\'s output cannot drive the terminal', () => {
  expect(printable('\u001b[2J\u001b]0;title\u0007a\tb\u009b31mc\r\u202ed')).toBe('a\tbcd')
})

test('a machine without a template is UNSUPPORTED, and the error says so', () => {
  const windows: Platform = {
    name: 'windows_server_2022_standard', family: 'windows', families: ['windows', 'os'], release: '10.0.20348', arch: 'x86_64', title: 'Windows Server 2022', uuid: undefined,
    is: (name) => ['windows', 'os'].includes(name),
  }
  expect(() => templateFor(windows)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining('no bootstrap script for Windows Server 2022') }))
})

test('nor is anything sent to a machine that speaks PowerShell', async () => {
  const report = recorder()
  const asked: string[] = []
  const connectOptions = { capabilities: { shell: 'powershell' }, commands: ({ command }: { readonly command: string }) => void asked.push(command) }
  await expect(bootstrap({ ...settings('mock:', ...flags()), connectOptions }, report, never)).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('Windows') })
  expect({ steps: report.steps, asked }).toEqual({ steps: ['connect', 'detect'], asked: [] })
})

describe('over awsssm://, the emulator', () => {
  test('six commands in all', async () => {
    await using emulator = await startEmulator({ pickUp: [5, 20], visible: [0, 5], publish: [1, 5] })
    const report = recorder()
    const given = { ...settings(`${emulator.url}?execution_timeout=600`, '--run-list', 'web', ...flags()), connectOptions: emulator.options }
    expect(await bootstrap(given, report, never)).toEqual({ exitCode: 0 })
    expect(report.steps).toEqual(['connect', 'detect', 'upload', 'run', 'verify', 'clean up'])
    expect(report.lines).toContain('Converging recipe[web]')
    expect(emulator.calls.filter(({ operation }) => operation === 'SendCommand')).toHaveLength(6)
    expect(readdirSync(temporary)).toEqual([])
  })

  test('a key is not given to a transport that keeps what it carries', async () => {
    await using emulator = await startEmulator({ pickUp: [5, 20], visible: [0, 5], publish: [1, 5] })
    const keyFile = join(directory, 'key.pem')
    writeFileSync(keyFile, `${key}\n`)
    const given = { ...settings(emulator.url, ...flags(), '--validation-key', keyFile), connectOptions: emulator.options }
    await expect(bootstrap(given, recorder(), never)).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { reason: 'privateInput' } })
    expect(JSON.stringify(emulator.calls)).not.toContain(key)
    expect(await bootstrap({ ...given, keyMayBeStored: true }, recorder(), never)).toEqual({ exitCode: 0 })
  })

  test('Session Manager takes the key: it stores nothing', async () => {
    await using emulator = await startEmulator()
    const keyFile = join(directory, 'key.pem')
    writeFileSync(keyFile, `${key}\n`)
    const given = { ...settings(`${emulator.url}?mode=session`, ...flags(), '--validation-key', keyFile), connectOptions: emulator.options }
    expect(await bootstrap(given, recorder(), never)).toEqual({ exitCode: 0 })
    expect(readFileSync(join(prefix, 'etc/cinc/validation.pem'), 'utf8')).toBe(`${key}\n`)
    expect(emulator.calls.some(({ operation }) => operation === 'SendCommand')).toBe(false)
  })

  test('npm start: under a screen, in plain text where nobody watches', async () => {
    const { code, stdout, stderr } = await runExample('start.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(24)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/Done in .* 6 commands, \d+ API calls\. The node wrote: web-1 recipe\[base\], web-1 recipe\[web\]/)
  })
})

describeWithPeer(sshdPeers, 'over ssh://, a real sshd', () => {
  let server: Sshd
  let user: TestUser
  beforeAll(async () => {
    server = await startSshd()
    user = addUser()
  })
  afterAll(async () => {
    user?.remove()
    await server?.close()
  })
  const through = (): readonly string[] => ['--option', `keyFiles=${server.keyFile}`, '--option', `knownHosts=${server.knownHosts}`, '--option', 'sshConfig=false']

  test('the same program, another URL', async () => {
    const { code, stdout, stderr } = await runExample('bootstrap.ts', [`ssh://root@127.0.0.1:${server.port}`, '--node-name', 'web-1', '--run-list', 'web', ...flags(), ...through()])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(' [web-1] Converging recipe[web]\n')
    expect(readdirSync(temporary)).toEqual([])
  })

  test('as an ordinary user, by a password from the environment', async () => {
    const url = `ssh://${user.name}@127.0.0.1:${server.port}`
    const parameters = [url, ...flags(), '--option', `knownHosts=${server.knownHosts}`, '--option', 'agent=', '--secret', 'password=TEST_PASSWORD']
    const { code, stdout, stderr } = await runExample('bootstrap.ts', parameters, { TEST_PASSWORD: user.password, HOME: directory })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toContain(user.password)
  })

  test('a host that nobody knows: refused, with what to do', async () => {
    const { code, stderr } = await runExample('bootstrap.ts', [`ssh://root@127.0.0.1:${server.port}`, ...flags(), '--option', `keyFiles=${server.keyFile}`], { HOME: directory })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^HOST_KEY_REJECTED: /)
  })
})
