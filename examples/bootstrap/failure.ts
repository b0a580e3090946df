// How this program ends: with a sentence, what to do about it, and an exit code. A stack is for what nobody expected.
import { isTransportError } from '@train-ts/core'
import { UsageError } from './settings.js'

/** Prints what is to be known of an error; returns the exit code. */
export function explain(error: unknown, options: { readonly verbose: boolean; readonly interrupted: boolean }): number {
  const say = (text: string): void => void process.stderr.write(`${text}\n`)
  if (options.interrupted) {
    say('Interrupted.')
    return 130
  }
  if (error instanceof UsageError) {
    say(`${error.message}\nSee --help.`)
    return 2
  }
  if (!isTransportError(error)) {
    say('This is a mistake of the program, please report it:')
    console.error(error)
    return 1
  }
  say(`${error.code}: ${error.summary}`)
  if (error.hint !== undefined) say(`  ${error.hint}`)
  if (error.target !== undefined) say(`  (${error.operation ?? 'connect'}, ${error.target}${error.retryable ? '; trying again may help' : ''})`)
  if (options.verbose) console.error(error)
  return 1
}
