// What the service says, in the words of core's errors.
import type { ErrorCode } from '@train-ts/core'
import { isTransportError, TransportError } from '@train-ts/core'

/** The few fields of an SDK error that are read, whatever made it. */
interface Failure {
  readonly name: string
  readonly message: string
  readonly code: string
  readonly status: number | undefined
  readonly retryAfter: number | undefined
}

export function describeFailure(error: unknown): Failure {
  const record = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>> // read-only look at fields that may be there
  const metadata = (record['$metadata'] ?? {}) as Readonly<Record<string, unknown>> // set by the SDK on every service error
  const headers = ((record['$response'] as { headers?: Readonly<Record<string, string>> } | undefined)?.headers) ?? {} // set by the SDK, not enumerable
  const seconds = Number(headers['retry-after'])
  return {
    name: text(record['name']),
    message: text(record['message']),
    code: text(record['code']),
    status: typeof metadata['httpStatusCode'] === 'number' ? metadata['httpStatusCode'] : undefined,
    retryAfter: headers['retry-after'] !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined,
  }
}

/** Refused before anything was done, so the same request may be sent again whatever it asks for. */
export function isThrottling(error: unknown): boolean {
  const { name, message, status } = describeFailure(error)
  return status === 429 || /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled|RequestThrottledException|SlowDown)$/.test(name) || /^rate exceeded/i.test(message)
}

/** The network or the service failed; whether the request was carried out is unknown. */
export function isTransient(error: unknown): boolean {
  const { name, code, message, status } = describeFailure(error)
  if (status !== undefined && status >= 500) return true
  return name === 'TimeoutError' || /^(ECONNRESET|ECONNREFUSED|ETIMEDOUT|EPIPE|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code) || /socket hang up|connect(ion)? timed? ?out/i.test(message)
}

/** Which IAM action each operation needs; named in hints. */
export type Operation = 'DescribeInstanceInformation' | 'SendCommand' | 'GetCommandInvocation' | 'ListCommands' | 'ListCommandInvocations' | 'CancelCommand' | 'StartSession' | 'ResumeSession' | 'TerminateSession'

/** An SDK error without the request that it holds: that one has signatures and session tokens in its headers. */
export function withoutRequest(error: unknown): unknown {
  const { name, message, code, status } = describeFailure(error)
  if (!(error instanceof Error)) return error
  return Object.assign(new Error(message), { name, ...(code === '' ? {} : { code }), ...(status === undefined ? {} : { status }) })
}

/** One of the service's refusals as a {@link TransportError}; what already is one stays as it is. */
export function toTransportError(failure: unknown, operation: Operation, fallback: ErrorCode): TransportError {
  if (isTransportError(failure)) return failure
  const error = withoutRequest(failure)
  const { name, message, code } = describeFailure(failure)
  const say = (errorCode: ErrorCode, sentence: string, hint: string | undefined, reason: string): TransportError =>
    new TransportError(errorCode, sentence, { cause: error, hint, details: { reason } })
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name)) {
    return say('AUTH_FAILED', `AWS denies ssm:${operation}.`, `Allow the IAM action ssm:${operation} to these credentials; the README lists all that are needed.`, 'access-denied')
  }
  if (/^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch|MissingAuthenticationToken|MissingAuthenticationTokenException|IncompleteSignature|AuthFailure)$/.test(name)) {
    return say('AUTH_FAILED', 'AWS does not accept these credentials.', 'Check the access key, and that the region is one which your account has.', 'bad-credentials')
  }
  if (/^(ExpiredToken|ExpiredTokenException|RequestExpired)$/.test(name)) {
    return say('AUTH_FAILED', 'The AWS session token has expired.', 'Sign in again (aws sso login), or give fresh credentials.', 'expired-token')
  }
  if (name === 'CredentialsProviderError' || /Could not load credentials/.test(message)) {
    return say('AUTH_FAILED', 'No AWS credentials were found.', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, sign in with aws sso login, or pass `profile` or `credentials`.', 'no-credentials')
  }
  if (/Region is missing/.test(message)) return say('INVALID_OPTIONS', 'No AWS region was given.', 'Add ?region=eu-central-1 to the URL, pass `region`, or set AWS_REGION.', 'no-region')
  if (name === 'InvalidInstanceId') {
    return say('CONNECT_FAILED', 'Systems Manager does not accept this node: it is unknown, stopped, terminated or its agent is offline.', 'Look at it with: aws ssm describe-instance-information', 'invalid-instance')
  }
  if (name === 'UnsupportedPlatformType') return say('UNSUPPORTED', 'The document does not run on the platform of this node.', undefined, 'platform')
  if (name === 'MaxDocumentSizeExceeded') return say('UNSUPPORTED', 'The command with its input is too long for Run Command.', 'Upload the input as a file first.', 'command-limit')
  if (isThrottling(failure)) return say(operation === 'SendCommand' ? 'BUSY' : fallback, `AWS keeps refusing ssm:${operation}: the rate of requests is too high.`, 'Run fewer commands at once.', 'throttled')
  if (isTransient(failure)) return say(fallback, `The Systems Manager API cannot be reached: ${message || code || name}.`, 'Check the network, the region and the endpoint.', 'network')
  return new TransportError(fallback, `AWS refuses ssm:${operation}: ${name}${message === '' ? '' : `: ${message}`}`, { cause: error })
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
