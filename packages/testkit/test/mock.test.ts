import { mockDriver } from '@train-ts/core'
import type { ExecRequest, MockAnswer } from '@train-ts/core'
import { toyCommands } from '../src/toy/commands.js'
import { Machine } from '../src/toy/machine.js'
import { describeConformance } from '../src/vitest.js'

const machine = new Machine()

/** A mocked machine whose answers are those of the toy machine. */
async function answer(request: ExecRequest): Promise<MockAnswer> {
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const stdin = request.stdin?.[Symbol.asyncIterator]()
  const { process, exit } = machine.start(request.command, {
    write: async (stream, data) => { output[stream].push(data) },
    read: async () => {
      const step = await stdin?.next()
      return step === undefined || step.done === true ? undefined : step.value
    },
    env: new Map([...(request.env ?? [])].map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()])),
    cwd: request.cwd ?? '/',
    pty: request.pty,
  })
  const stop = (): void => { for (const member of machine.family(process.id)) machine.kill(member, 'KILL') }
  request.signal.addEventListener('abort', stop, { once: true })
  const { code, signal } = await exit
  request.signal.removeEventListener('abort', stop)
  return { stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr), exitCode: code, ...(signal === null ? {} : { signal }) }
}

describeConformance({
  name: 'mock:',
  driver: mockDriver,
  target: {
    url: 'mock:',
    options: { commands: answer, capabilities: { shell: 'none', streaming: false, cwd: false, limits: { command: 20_000 } } },
    commands: toyCommands,
    farSide: machine,
  },
})
