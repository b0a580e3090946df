// Shells on the far side: opened when needed, used by one command at a time, kept for the next one, deleted in the end. One command per
// shell, because deleting a shell is what ends all processes of a command: Windows keeps each shell's in a job.
import { TransportError } from '@train-ts/core'
import { faultError, isShellQuota } from '../client/failures.js'
import type { WsmanClient } from '../client/wsman-client.js'
import { faultCode, WsmanFault } from '../wsman/fault.js'
import { readCommandId, readShellId } from '../wsman/replies.js'
import { commandRequest, createRequest, deleteRequest, sendRequest, signalRequest, type ShellId, type ShellSettings } from '../wsman/shell-requests.js'

/** A shell that one command holds. */
export interface ShellSlot {
  readonly id: ShellId
  /** It has run something before, so it may be gone meanwhile. */
  used: boolean
  /** Deleted, or known to be gone. */
  gone: boolean
  /** Has variables or a directory of its own: not for others. */
  readonly personal: boolean
  /** A process that waits for its script. */
  spare: Promise<string> | undefined
}

export interface ShellHost {
  acquire(own: Pick<ShellSettings, 'env' | 'cwd'>, signal: AbortSignal): Promise<ShellSlot>
  /** Gives it back for the next command. */
  release(slot: ShellSlot): void
  /** Ends all of its processes; never rejects. */
  discard(slot: ShellSlot): Promise<void>
  /** Starts `line` in the slot: the command's id. */
  start(slot: ShellSlot, line: string, signal?: AbortSignal): Promise<string>
  /** Frees what the service holds for a command that has ended, in the background; never rejects. */
  forget(slot: ShellSlot, commandId: string): void
  /** Closes the stdin of a command that gets none, in the background; never rejects. */
  endInput(slot: ShellSlot, commandId: string): void
  /** Ends a command, as far as Signal does. */
  terminate(slot: ShellSlot, commandId: string): Promise<void>
  close(): Promise<void>
}

/** Idle shells beyond this many are deleted. */
const maxIdle = 2

export function createShellHost(client: WsmanClient, settings: ShellSettings, uuid: () => string): ShellHost {
  const all = new Set<ShellSlot>()
  const idle: ShellSlot[] = []
  /** What nobody waits for goes one by one, over one connection. */
  let background = Promise.resolve()

  function later(work: () => Promise<unknown>): void {
    background = background.then(work).then(() => undefined, () => undefined)
  }

  async function create(own: Pick<ShellSettings, 'env' | 'cwd'>, signal: AbortSignal): Promise<ShellSlot> {
    try {
      const body = await client.request(createRequest({ ...settings, ...own }), { signal })
      const slot: ShellSlot = { id: readShellId(body), used: false, gone: false, personal: own.env !== undefined || own.cwd !== undefined, spare: undefined }
      all.add(slot)
      return slot
    } catch (error) {
      if (error instanceof WsmanFault && isShellQuota(error) && all.size === 0) {
        throw new TransportError('CONNECT_FAILED', faultError(error).message, { cause: error, details: { reason: 'shell_quota' } })
      }
      throw error instanceof WsmanFault ? faultError(error) : error
    }
  }

  const host: ShellHost = {
    async acquire(own, signal) {
      const fresh = own.env !== undefined || own.cwd !== undefined
      const known = fresh ? undefined : idle.pop()
      return known ?? create(own, signal)
    },
    release(slot) {
      slot.used = true
      if (slot.gone) return
      if (slot.personal || idle.length >= maxIdle) later(() => host.discard(slot))
      else idle.push(slot)
    },
    async discard(slot) {
      if (slot.gone) return
      slot.gone = true
      all.delete(slot)
      await client.request(deleteRequest(slot.id), { repeatable: true, background: true }).catch(() => undefined)
    },
    async start(slot, line, signal) {
      const body = await client.request(commandRequest(slot.id, uuid().toUpperCase(), line), { signal })
      return readCommandId(body)
    },
    forget(slot, commandId) {
      later(() => host.terminate(slot, commandId))
    },
    endInput(slot, commandId) {
      later(() => client.request(sendRequest(slot.id, commandId, Buffer.alloc(0), true), { repeatable: true, background: true }))
    },
    async terminate(slot, commandId) {
      if (slot.gone) return
      await client.request(signalRequest(slot.id, commandId, 'terminate'), { repeatable: true, background: true }).catch(() => undefined)
    },
    async close() {
      await background
      await Promise.all([...all].map((slot) => host.discard(slot)))
    },
  }
  return host
}

/** The shell does not exist any more, or takes no commands: a new one does, and nothing has run. */
export function needsNewShell(error: unknown): boolean {
  const codes: readonly (number | undefined)[] = [faultCode.shellNotFound, faultCode.profileUnloaded, faultCode.tooManyOperations]
  return error instanceof WsmanFault && codes.includes(error.faultNumber)
}
