// The prompt-driven engine on a real command line: frr's vtysh, which follows Cisco's, with one daemon of frr behind it.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPty } from '../support/pty.js'
import { openOn, run } from '../support/session.js'

describeWithPeer([peer('root'), peer('vtysh'), peer('script')], 'dialect ios on vtysh', () => {
  let directory = ''
  let daemon: ChildProcess | undefined
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'train-ts-frr-'))
    execFileSync('chown', ['frr:frr', directory])
    const place = (name: string) => join(directory, name)
    daemon = spawn('/usr/lib/frr/staticd', ['--vty_socket', directory, '-i', place('pid'), '-z', place('zserv'), '-P', '0', '-f', '/dev/null'], { stdio: 'ignore' })
    while (!existsSync(place('staticd.vty'))) await pause(20)
  })
  afterAll(() => {
    daemon?.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  const open = (pager = 'more') => openOn(openPty(`vtysh --vty_socket ${directory}`, { environment: { ...process.env, VTYSH_PAGER: pager } }), { dialect: 'ios' })

  test('says what it cannot do, answers commands without echo and prompt, through a pager too', async () => {
    const { session } = await open()
    expect(session.capabilities).toMatchObject({ shell: 'none', exitCode: false, stderr: false, stdin: 'none', kill: 'none' })
    const { text, code } = await run(session, 'show version')
    expect(text).toMatch(/^FRRouting \d/)
    expect(text).not.toMatch(/show version\n|# $|--More--/)
    expect(code).toBeNull()
    await session.close()
  })

  test('reports what looks like an error, and makes no exit code of it', async () => {
    const { session } = await open('cat')
    const events = []
    const request = { command: 'foo', stdin: undefined, signal: new AbortController().signal, env: undefined, cwd: undefined, pty: undefined, runAs: undefined, timeout: undefined }
    for await (const event of session.exec(request)) events.push(event)
    expect(events).toMatchObject([{ type: 'stdout' }, { type: 'record', stream: 'warning', text: expect.stringContaining('% Unknown command: foo') }, { type: 'exit', code: null }])
    await session.close()
  })

  test('follows the prompt through modes and a new host name', async () => {
    const { session } = await open('cat')
    for (const command of ['configure terminal', 'hostname other-name', 'end']) await run(session, command)
    expect((await run(session, 'show running-config')).text).toContain('hostname other-name')
    await session.close()
  })

  test('knows what it is', async () => {
    const { session } = await open('cat')
    expect(await session.platform?.({ signal: new AbortController().signal })).toMatchObject({ name: 'cisco_ios', family: 'cisco', release: expect.stringMatching(/^\d+\.\d/) })
    await session.close()
  })
})
