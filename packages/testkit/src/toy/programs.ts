import { everyByte, filling } from '../expect.js'
import type { ToyExit, ToyMachine, ToyProcess, ToyStreams } from './types.js'

export interface ToyContext extends ToyStreams {
  readonly machine: ToyMachine
  readonly process: ToyProcess
}

type Value = string | number
/** The exit code; nothing is 0. */
type Program = (context: ToyContext, ...values: readonly Value[]) => Promise<number | undefined | void>

const forever = new Promise<never>(() => undefined)
const mebibyte = 1_048_576

const programs: Readonly<Record<string, Program>> = {
  exit: async (_context, code) => Number(code),
  stdout: (context, text) => say(context, text),
  both: async (context, out, err, code) => {
    await say(context, out)
    if (err !== '') await context.write('stderr', Buffer.from(String(err)))
    return Number(code)
  },
  killItself: async ({ machine, process }) => { machine.kill(process, 'KILL'); await forever },
  everyByte: ({ write }) => write('stdout', everyByte),
  fill: async ({ write }, bytes, stream) => { for (const block of blocks(Number(bytes))) await write(stream === 'stderr' ? 'stderr' : 'stdout', block) },
  // Endless as far as anybody waits: what is gathered by somebody who does not stop has an end too.
  endless: async ({ write }) => {
    for (const block of blocks(4 * mebibyte)) await write('stdout', block)
    await forever
  },
  fillNoting: async ({ write, machine }, progress, count) => {
    for (let block = 0; block < Number(count); block += 1) {
      await write('stdout', Buffer.alloc(mebibyte))
      machine.files.set(String(progress), `${machine.files.get(String(progress)) ?? ''}.`)
    }
  },
  echo: async ({ read, write }) => { for (let chunk = await read(); chunk !== undefined; chunk = await read()) await write('stdout', chunk) },
  echoLines: async ({ read, write }) => {
    for (let chunk = await read(); chunk !== undefined; chunk = await read()) await write('stdout', Buffer.from(Buffer.from(chunk).toString().replace(/^/gm, 'got:')))
    await write('stdout', Buffer.from('end'))
  },
  countInput: async (context) => {
    let count = 0
    for (let chunk = await context.read(); chunk !== undefined; chunk = await context.read()) count += chunk.byteLength
    await say(context, count)
  },
  countArgument: (context, text) => say(context, String(text).length),
  environment: (context, name) => say(context, context.env.get(String(name)) ?? ''),
  commandLines: (context) => say(context, context.process.commandLine),
  workingDirectory: (context) => say(context, `${context.cwd}\n`),
  terminal: (context) => say(context, context.pty === undefined ? 'no\n' : `yes ${String(context.pty.rows)} ${String(context.pty.columns)}\n`),

  append: async ({ machine }, path, line) => void machine.files.set(String(path), `${machine.files.get(String(path)) ?? ''}${String(line)}\n`),
  read: async (context, path) => {
    const content = context.machine.files.get(String(path))
    if (content === undefined) return 1
    await say(context, content)
    return 0
  },
  exists: (context, path) => say(context, context.machine.files.has(String(path)) ? 'yes' : 'no'),
  write: async ({ machine }, path, text) => void machine.files.set(String(path), String(text)),
  makeDirectory: async ({ machine }, path) => void machine.directories.add(String(path)),
  temporaryDirectory: async (context) => {
    const path = `/${String(context.machine.newId())}`
    context.machine.directories.add(path)
    await say(context, path)
  },
  succeed: async () => 0,

  printAndWait: async (context, text, gate) => {
    await say(context, text)
    await context.machine.gate(String(gate)).take()
    await say(context, 'done')
  },
  openGate: ({ machine }, gate) => machine.gate(String(gate)).give(''),
  readGate: async (context, gate) => say(context, await context.machine.gate(String(gate)).take()),
  meet: async ({ machine }, arrivals, departure) => {
    void machine.gate(String(arrivals)).give('here')
    await machine.gate(String(departure)).take()
    void machine.gate(String(arrivals)).give('gone')
  },
  gather: async ({ machine }, arrivals, count) => { for (let index = 0; index < Number(count); index += 1) await machine.gate(String(arrivals)).take() },
  release: async ({ machine }, arrivals, departure, count) => {
    for (let index = 0; index < Number(count); index += 1) void machine.gate(String(departure)).give('go')
    for (let index = 0; index < Number(count); index += 1) await machine.gate(String(arrivals)).take()
  },

  processes: async (context, kind, gate) => {
    const { machine, process } = context
    const all = [process, ...children(String(kind), process).map((child) => machine.add(child))]
    void machine.gate(String(gate)).give(all.map(({ id }) => id).join('\n'))
    if (kind === 'talkative') await say(context, 'talking')
    await forever
  },
  background: async (context, gate, bytes) => {
    const { machine, process } = context
    const child = machine.add({ leader: process.id, session: process.session })
    void machine.gate(String(gate)).give(String(child.id))
    await say(context, 'started')
    for (const block of blocks(Number(bytes))) await context.write('stdout', block)
  },
  alive: (context, ...ids) => say(context, ids.filter((id) => context.machine.processes.has(Number(id))).join('\n')),
  end: async ({ machine }, ...ids) => {
    for (const id of ids) {
      const process = machine.processes.get(Number(id))
      if (process !== undefined) machine.kill(process, 'KILL')
    }
  },
}

/** Runs a command of {@link toyCommands}: a list in JSON, the name of a program and its values. What has been cut is a syntax error, as in any shell. */
export async function runProgram(command: string, context: ToyContext): Promise<ToyExit> {
  const words = parseCommand(command)
  if (words === undefined) return { code: 2, signal: null }
  const [name, ...values] = words
  const code = await programs[name]?.(context, ...values)
  return { code: programs[name] === undefined ? 127 : (code ?? 0), signal: null }
}

function parseCommand(command: string): readonly [string, ...Value[]] | undefined {
  try {
    return JSON.parse(command) as [string, ...Value[]] // nothing else speaks this language
  } catch {
    return undefined
  }
}

function say({ write }: ToyContext, text: Value): Promise<void> {
  return write('stdout', Buffer.from(String(text)))
}

/** A deaf command is itself not one that TERM ends, nor is its child. */
function children(kind: string, { id, session }: ToyProcess): readonly Partial<ToyProcess>[] {
  if (kind === 'tree') return [{ leader: id, session }, { leader: id, session }]
  if (kind === 'session') return [{ leader: id }]
  return kind === 'stubborn' ? [{ leader: id, session, isDeaf: true }] : []
}

function* blocks(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= mebibyte / 16) yield filling(Math.min(left, mebibyte / 16))
}
