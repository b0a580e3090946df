// The AWS JSON 1.1 protocol, as far as a client can tell.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A refusal in AWS's shape. */
export class ServiceError extends Error {
  readonly type: string
  readonly status: number
  constructor(type: string, message = '', status = 400) {
    super(message)
    this.type = type
    this.status = status
  }
}

export interface ServiceRequest {
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
}

const largestBody = 1_048_576

/** Reads one request. Throws what the service would answer; undefined where the client went away. */
export async function readRequest(request: IncomingMessage): Promise<ServiceRequest | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) { // no encoding is set
      size += chunk.byteLength
      if (size > largestBody) throw new ServiceError('RequestEntityTooLargeException', 'Request is too long.', 413)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof ServiceError) throw error
    return undefined
  }
  const target = /^(?:AmazonSSM|TrentService)\.([A-Za-z]+)$/.exec(String(request.headers['x-amz-target']))
  if (request.method !== 'POST' || target?.[1] === undefined) throw new ServiceError('UnknownOperationException')
  checkSignature(request)
  try {
    const input: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new Error('not an object')
    return { operation: target[1], input: input as Record<string, unknown> } // an object, as just checked
  } catch {
    throw new ServiceError('SerializationException')
  }
}

/** That the request is signed, for this service; what the signature is made of is not checked. */
function checkSignature(request: IncomingMessage): void {
  const authorization = request.headers.authorization ?? ''
  if (authorization === '') throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const complete = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/(?:ssm|kms)\/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$/.test(authorization)
  if (!complete || request.headers['x-amz-date'] === undefined) throw new ServiceError('IncompleteSignatureException', 'Authorization header is not complete.')
}

export function sendAnswer(response: ServerResponse, output: object): void {
  send(response, 200, output)
}

export function sendError(response: ServerResponse, error: unknown): void {
  if (error instanceof ServiceError) send(response, error.status, { __type: error.type, ...(error.message === '' ? {} : { message: error.message }) })
  else send(response, 500, { __type: 'InternalServerError', message: error instanceof Error ? error.message : 'unknown' })
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
  response.end(JSON.stringify(body))
}
