import type { Harness } from '../harness.js'
import { toyCommands } from '../toy/commands.js'
import { toyDriver } from '../toy/driver.js'
import type { ToyFaults } from '../toy/driver.js'
import { Machine } from '../toy/machine.js'
import type { Change } from './change.js'
import { dialling, startGreeter } from './dialling.js'
import type { DialFaults } from './dialling.js'
import { startEcho } from './echo.js'

/** A driver that breaks the contract in one way, to prove that the kit notices: a correct driver of the toy machine, sabotaged. */
export interface Saboteur {
  /** What it does wrong. */
  readonly name: string
  /** Done to the driver from outside. */
  readonly change?: Change
  /** Done inside it. */
  readonly faults?: ToyFaults
  /** Reached through `context.dial`, with these faults. */
  readonly dialled?: DialFaults
  /** Milliseconds for a case, where core itself waits longer than those of the others. */
  readonly patience?: number
  /** The cases that catch it: these and no others. */
  readonly fails: readonly string[]
}

/** A machine of its own for each run, looked at from beside the saboteur: nobody asks it about itself. */
export function harnessOf({ name, change, faults, dialled }: Saboteur): Harness {
  const machine = new Machine()
  const toy = toyDriver(machine, faults)
  const driver = dialled === undefined ? toy : dialling(toy, dialled)
  return {
    name,
    driver: change?.(driver) ?? driver,
    target: async () => {
      const [echo, greeter] = [await startEcho(), dialled === undefined ? undefined : await startGreeter()]
      return {
        url: greeter?.url ?? 'toy:',
        options: { password: 'the password of the kit' },
        commands: toyCommands,
        farSide: machine,
        echo: echo.echo,
        close: () => { echo.close(); greeter?.close() },
      }
    },
  }
}

/** Never settles. */
export const forever: Promise<never> = new Promise(() => undefined)
