// What a person sees: a line for each step with its time, and the machine's own output behind its name.
import { stripVTControlCharacters } from 'node:util'
import type { OutputLine } from '@train-ts/core'

export interface Report {
  /** Does one step, and tells how it went. What `work` returns begins with a sentence for people. */
  step<Value>(name: string, work: () => Promise<readonly [said: string, value: Value]>): Promise<Value>
  output(line: OutputLine): void
  note(text: string): void
}

export interface ReportOptions {
  /** Where steps go. */
  readonly stream: NodeJS.WriteStream
  /** Before each line of the machine's output. */
  readonly host: string
  /** What else is worth a word at the end of a step's line. */
  readonly aside?: () => string
}

export function createReport({ stream, host, aside }: ReportOptions): Report {
  const paint = painter(stream)
  const print = (name: string, mark: string, since: number, said: string): void => {
    const more = aside?.() ?? ''
    stream.write(`  ${name.padEnd(9)} ${mark} ${seconds(since).padStart(8)}  ${more === '' ? said : `${said.padEnd(56)} ${paint('dim', more)}`}\n`)
  }
  return {
    async step(name, work) {
      const since = performance.now()
      try {
        const [said, value] = await work()
        print(name, paint('green', 'ok    '), since, said)
        return value
      } catch (error) {
        print(name, paint('red', 'failed'), since, '')
        throw error
      }
    },
    output({ stream: from, text }) {
      const to = from === 'stderr' ? process.stderr : stream
      to.write(` ${paint('cyan', `[${host}]`)} ${printable(text)}\n`)
    },
    note: (text) => void stream.write(`  ${text}\n`),
  }
}

/** The machine's output may be hostile: no escape sequence of its reaches the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{C}\t]/gu, '')
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(2)} s`
}

const codes = { dim: 2, red: 31, green: 32, cyan: 36 } as const

/** Colours where the stream is a terminal that has them; `hasColors` knows NO_COLOR and FORCE_COLOR. */
function painter(stream: NodeJS.WriteStream): (code: keyof typeof codes, text: string) => string {
  const hasColors = stream.isTTY && stream.hasColors()
  return (code, text) => (hasColors ? `\u001b[${String(codes[code])}m${text}\u001b[0m` : text)
}
