import { connectWith } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { describe, expect, test } from 'vitest'
import driver from '@train-ts/transport-awsssm'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import type { Emulator, EmulatorKnobs, FrameFault } from '@train-ts/transport-awsssm/emulator'
import { alive, nodeId, until } from '../harness.js'

interface World extends AsyncDisposable { readonly emulator: Emulator; readonly host: Connection; readonly notices: readonly string[] }

async function world(knobs: EmulatorKnobs = {}, options: Record<string, unknown> = {}): Promise<World> {
  const emulator = await startEmulator(knobs)
  const notices: string[] = []
  const onNotice = ({ code }: { readonly code: string }): void => void notices.push(code)
  const host = await connectWith(driver, { host: nodeId, mode: 'session', ...emulator.options, ...options, onNotice }).catch(async (error: unknown) => {
    await emulator.close()
    throw error
  })
  return {
    emulator, host, notices,
    async [Symbol.asyncDispose]() {
      await host.close()
      await emulator.close()
    },
  }
}

describe('mode=session', () => {
  test('exact codes, separate streams, stdin and binary, over one session and without another call of the API', async () => {
    await using w = await world()
    const calls = w.emulator.calls.length
    for (const code of [0, 1, 137, 194]) expect(await w.host.run(`echo out; echo err >&2; exit ${String(code)}`)).toMatchObject({ exitCode: code, stdout: 'out\n', stderr: 'err\n' })
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 31) % 256))
    expect((await w.host.run('cat', { stdin: bytes, encoding: 'bytes' })).stdout).toEqual(new Uint8Array(bytes))
    expect(w.emulator.calls.length).toBe(calls)
    expect(w.emulator.calls.map((call) => call.operation)).toEqual(['DescribeInstanceInformation', 'StartSession'])
  })
  test('close terminates the session in the service', async () => {
    const w = await world()
    expect(w.emulator.sessions.open()).toHaveLength(1)
    await w.host.close()
    expect(w.emulator.sessions.open()).toEqual([])
    expect(w.emulator.calls.at(-1)?.operation).toBe('TerminateSession')
    await w.emulator.close()
  })
  test('the connection is cut, also in mid-command: resumed, with nothing lost or repeated', async () => {
    await using w = await world()
    const running = w.host.run('i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); sleep 0.005; done')
    const resumed = (): number => w.emulator.calls.filter((call) => call.operation === 'ResumeSession').length
    for (let cuts = 0; cuts < 3; cuts++) {
      const before = resumed()
      await until(() => {
        if (resumed() === before) w.emulator.sessions.cut()
        return resumed() > before
      }, 'the cut is noticed')
    }
    expect((await running).stdout).toBe(Array.from({ length: 300 }, (_, index) => `line ${String(index)}\n`).join(''))
  })
  test('a network that loses, repeats, corrupts and reorders frames changes nothing', async () => {
    const faults: readonly (FrameFault | undefined)[] = ['lose', undefined, 'repeat', undefined, 'delay', undefined, undefined, 'corrupt', undefined, undefined, undefined]
    await using w = await world({ frameFault: ({ index }) => faults[index % faults.length] })
    const result = await w.host.run('seq 1 300; echo done >&2; exit 7')
    expect(result).toMatchObject({ exitCode: 7, stdout: Array.from({ length: 300 }, (_, index) => `${String(index + 1)}\n`).join(''), stderr: 'done\n' })
  }, 60_000)
  test('the service ends the session in mid-command: CONNECTION_LOST with what had arrived, never a code', async () => {
    await using w = await world()
    const running = w.host.run('echo before; sleep 70.5')
    running.catch(() => undefined)
    await until(() => alive('sleep 70.5'), 'the command runs')
    w.emulator.sessions.end('Session terminated: idle timeout')
    const error: unknown = await running.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', result: { exitCode: null } })
  })
  test('a timeout ends the tree on the node, and the session goes on', async () => {
    await using w = await world()
    await expect(w.host.run('sleep 71.5', { timeout: 600 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { killed: true } })
    expect(await alive('sleep 71.5')).toBe(false)
    expect((await w.host.run('echo still here')).stdout).toBe('still here\n')
  })
  test('the token is in no error, and a resumed session needs a new one', async () => {
    await using w = await world({ fault: (call) => (call.operation === 'ResumeSession' ? { error: 'DoesNotExistException' } : undefined) })
    w.emulator.sessions.cut()
    const error: unknown = await w.host.run('true').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/token-/)
  })
})

describe('encrypted sessions', () => {
  const kmsKeyId = 'arn:aws:kms:eu-central-1:111122223333:key/test'
  test('with the random challenge: everything works, and the network sees no plain text', async () => {
    await using w = await world({ kmsKeyId })
    expect(await w.host.run('echo out; echo err >&2; exit 5')).toMatchObject({ exitCode: 5, stdout: 'out\n', stderr: 'err\n' })
    expect(w.notices).toContain('session')
    const asked = w.emulator.calls.find((call) => call.operation === 'GenerateDataKey')?.input
    expect(asked).toMatchObject({ KeyId: kmsKeyId, NumberOfBytes: 64, EncryptionContext: { 'aws:ssm:TargetId': nodeId } })
    expect(JSON.stringify(asked)).toMatch(/aws:ssm:SessionId.*aws:ssm:RandomChallenge/)
    w.emulator.sessions.cut()
    expect((await w.host.run('echo again')).stdout).toBe('again\n')
  })
  test('without a key: AUTH_FAILED names the IAM action, and the session is terminated', async () => {
    const emulator = await startEmulator({ kmsKeyId, deny: ['kms:GenerateDataKey'] })
    await expect(connectWith(driver, { host: nodeId, mode: 'session', ...emulator.options })).rejects.toThrow(/kms:GenerateDataKey/)
    expect(emulator.sessions.open()).toEqual([])
    await emulator.close()
  })
})

describe('where there can be no session', () => {
  const denied: EmulatorKnobs = { deny: ['ssm:StartSession'] }
  test('mode=session fails, and names what is missing', async () => {
    await expect(world(denied)).rejects.toThrow(/ssm:StartSession/)
    await expect(world({}, { session_document: 'Nope' })).rejects.toMatchObject({ code: 'CONNECT_FAILED', details: { reason: 'document' } })
  })
  test('mode=auto falls back to Run Command, and says so', async () => {
    await using w = await world(denied, { mode: 'auto' })
    expect(w.notices).toEqual(['run-command'])
    expect(w.host.capabilities).toMatchObject({ streaming: false, stdin: 'whole' })
    expect((await w.host.run('exit 3')).exitCode).toBe(3)
  })
  test('mode=auto takes the session where there can be one', async () => {
    await using w = await world({}, { mode: 'auto' })
    expect([w.notices, w.host.capabilities.streaming]).toEqual([[], true])
  })
})
