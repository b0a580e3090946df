import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import type { CaseContext, ConformanceCase, Opened } from '../case.js'
import { expectError } from '../expect.js'
import { all, can, declares, dials } from '../requirements.js'
import { startProcesses } from './processes.js'

export const lostCases: readonly ConformanceCase[] = [
  {
    id: 'lost.call',
    title: 'When the network goes away, calls in flight reject with CONNECTION_LOST.',
    requires: all(dials, can('processes')),
    async run(context) {
      const { opened, cut } = await connectThroughWire(context)
      const { running } = await startProcesses(context, 'leader', (command) => opened.connection.run(command))
      cut()
      const error = await expectError(running, 'CONNECTION_LOST')
      assert.equal(error.result?.exitCode, null)
    },
  },
  {
    id: 'lost.keeps-output',
    title: 'Where `streaming` is declared, the error of a call that was cut off carries what had arrived.',
    requires: all(dials, declares('streaming'), can('printAndWait')),
    async run(context) {
      const { opened, cut } = await connectThroughWire(context)
      const gate = await context.far.gate()
      const running = opened.connection.run(context.commands.printAndWait('so far', gate))
      await Promise.race([opened.observed.stdout('so far'), running])
      cut()
      const error = await expectError(running, 'CONNECTION_LOST')
      assert.equal(error.result?.stdout, 'so far')
      await context.far.run(context.commands.openGate(gate))
    },
  },
  {
    id: 'lost.next-call',
    title: 'A session that has died says so by `lost`, also when nothing is in flight: the next call rejects with CONNECTION_LOST, and nothing is opened again unasked.',
    requires: all(dials, can('exit')),
    async run(context) {
      const { opened, cut, wires } = await connectThroughWire(context)
      await opened.connection.run(context.commands.exit(0))
      cut()
      await opened.observed.lost
      await expectError(opened.connection.run(context.commands.exit(0)), 'CONNECTION_LOST')
      assert.equal(wires(), 1)
    },
  },
]

/** A connection whose network the case can cut. */
async function connectThroughWire(context: CaseContext): Promise<{ readonly opened: Opened; readonly cut: () => void; readonly wires: () => number }> {
  const dialled: Duplex[] = []
  const opened = await context.connect({}, (stream) => { dialled.push(stream) })
  return {
    opened,
    cut: () => { for (const stream of dialled) stream.destroy() },
    wires: () => dialled.length,
  }
}
