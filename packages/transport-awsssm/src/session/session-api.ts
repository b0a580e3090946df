// The three calls that a session needs of the service.
import { TransportError } from '@train-ts/core'
import type { Aws } from '../aws.js'
import { describeFailure, toTransportError, withoutRequest } from '../errors.js'

/** How to reach a session's data channel. The token is a credential: it is never logged, and never in an error. */
export interface Ticket {
  readonly sessionId: string
  readonly streamUrl: string
  readonly token: string
}

export interface SessionApi {
  start(target: string, document: string | undefined, parameters: Readonly<Record<string, readonly string[]>> | undefined, signal: AbortSignal): Promise<Ticket>
  /** undefined: the session has ended. */
  resume(sessionId: string, signal: AbortSignal): Promise<Ticket | undefined>
  /** Never rejects: what cannot be terminated ends by the service's own timeout. */
  terminate(sessionId: string): Promise<void>
}

export function createSessionApi({ sdk, client }: Aws): SessionApi {
  return {
    async start(target, document, parameters, signal) {
      const given = parameters === undefined ? {} : { Parameters: Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]])) }
      try {
        const input = { Target: target, Reason: 'train-ts', ...(document === undefined ? {} : { DocumentName: document }), ...given }
        return ticket(await client.send(new sdk.StartSessionCommand(input), { abortSignal: signal }))
      } catch (error) {
        signal.throwIfAborted()
        throw startFailure(error, target, document)
      }
    },
    async resume(sessionId, signal) {
      const answer = await client.send(new sdk.ResumeSessionCommand({ SessionId: sessionId }), { abortSignal: signal }).catch((error: unknown) => {
        if (describeFailure(error).name === 'DoesNotExistException') return undefined
        throw error
      })
      return answer?.TokenValue === undefined ? undefined : ticket(answer)
    },
    async terminate(sessionId) {
      await client.send(new sdk.TerminateSessionCommand({ SessionId: sessionId }), { abortSignal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    },
  }
}

interface TicketAnswer {
  readonly SessionId?: string | undefined
  readonly StreamUrl?: string | undefined
  readonly TokenValue?: string | undefined
}

function ticket({ SessionId: sessionId, StreamUrl: streamUrl, TokenValue: token }: TicketAnswer): Ticket {
  if (sessionId === undefined || streamUrl === undefined || token === undefined) throw new TransportError('PROTOCOL_ERROR', 'The service began a session without saying how to reach it.')
  return { sessionId, streamUrl, token }
}

function startFailure(error: unknown, target: string, document: string | undefined): TransportError {
  const { name } = describeFailure(error)
  if (name === 'TargetNotConnected') {
    return new TransportError('CONNECT_FAILED', `Session Manager has no connection to the agent of ${target}.`, {
      cause: withoutRequest(error), details: { reason: 'not-connected' },
      hint: 'The agent must be able to reach ssmmessages, and its instance profile must allow ssmmessages:*; mode=run-command may still work.',
    })
  }
  if (name === 'InvalidDocument') {
    return new TransportError('CONNECT_FAILED', `The session document ${document ?? 'SSM-SessionManagerRunShell'} does not exist, or is not for this.`, { cause: withoutRequest(error), details: { reason: 'document' } })
  }
  return toTransportError(error, 'StartSession', 'CONNECT_FAILED')
}
