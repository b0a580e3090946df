import type { OptionSpec, Target } from '@train-ts/core'
import { TransportError } from '@train-ts/core'

/** What `open` receives: core has coerced it, and seconds are milliseconds. */
export interface AwsSsmOptions {
  readonly host?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly max_concurrency: string
  readonly max_errors: string
  readonly mode: 'run-command' | 'session' | 'auto'
  readonly execution_timeout: number
  readonly region?: string | undefined
  readonly output_limit: number
  readonly session_document?: string | undefined
  readonly recheck_invocation?: number | undefined
  readonly recheck_execution?: number | undefined
  readonly profile?: string | undefined
  readonly endpoint?: string | undefined
  readonly kms_endpoint?: string | undefined
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined
}

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What users give to `connect` beside the URL. Names from Train are in seconds, in either spelling. */
export interface GivenAwsSsmOptions extends Partial<AwsSsmOptions> {
  readonly executionTimeout?: number | undefined
  readonly outputLimit?: number | undefined
}

type OptionTable = { readonly [Name in keyof AwsSsmOptions]-?: OptionSpec }

export const options: OptionTable = {
  host: { type: 'string', from: 'host', describe: 'The managed node: an EC2 instance id (i-…) or a hybrid node id (mi-…).' },
  tags: { type: 'string', prefix: 'tag:', url: true, plain: true, describe: 'For fleet(), in place of a node: all nodes that have these tags, ?tag:Role=web.' },
  max_concurrency: { type: 'string', default: '50', url: true, plain: true, describe: 'With tags: how many nodes run it at the same time, as a number or 10%.' },
  max_errors: { type: 'string', default: '100%', url: true, plain: true, describe: 'With tags: after how many failures no further node begins, as a number or 10%.' },
  mode: { type: 'string', values: ['run-command', 'session', 'auto'], default: 'run-command', url: true, plain: true, describe: 'How commands travel: run-command (default), session (Session Manager), or auto: a session where there can be one.' },
  execution_timeout: { type: 'seconds', default: 3600, url: true, plain: true, describe: 'Seconds that a command may run on the node, 5 to 172800, where the call has no timeout of its own.' },
  region: { type: 'string', url: true, plain: true, describe: 'The AWS region. Default: what the AWS SDK finds (AWS_REGION, the profile).' },
  output_limit: { type: 'integer', default: 8_388_608, url: true, plain: true, describe: 'Bytes of each stream that are fetched, in pages by further commands where one cannot carry them; what is beyond is truncated.' },
  session_document: { type: 'string', url: true, plain: true, describe: 'With mode=session: another session document than the account’s SSM-SessionManagerRunShell.' },
  recheck_invocation: { type: 'seconds', url: true, plain: true, describe: 'Train’s pause before it asks again for a missing invocation. Accepted and not used: polling adapts itself.' },
  recheck_execution: { type: 'seconds', url: true, plain: true, describe: 'Train’s pause between polls. Accepted and not used: polling adapts itself.' },
  profile: { type: 'string', describe: 'A profile of the AWS configuration files. Never from a URL: a profile can run a program.' },
  endpoint: { type: 'string', describe: 'Another address of the Systems Manager API. Never from a URL: it receives signed requests.' },
  kms_endpoint: { type: 'string', describe: 'Another address of the KMS API, for encrypted sessions. Never from a URL: it receives signed requests.' },
  credentials: { type: 'value', describe: 'An access key as { accessKeyId, secretAccessKey, sessionToken }, or a function that resolves to one. Default: the SDK’s chain.' },
}

const instanceId = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/
const hybridId = /^mi-[0-9a-f]{17}$/

/** Run Command's own bounds; outside of them the agent silently takes 3600 seconds. */
export const executionTimeoutRange = { least: 5_000, most: 172_800_000 } as const

export function resolveOptions(given: Readonly<AwsSsmOptions>, _target: Target): Readonly<AwsSsmOptions> {
  const { host, tags } = given
  if (host === undefined && tags === undefined) {
    throw new TransportError('INVALID_OPTIONS', 'No node is named.', { hint: 'Write awsssm://i-0123456789abcdef0/, or for fleet() awsssm://?tag:Role=web', details: { option: 'host' } })
  }
  if (host !== undefined && tags !== undefined) throw new TransportError('INVALID_OPTIONS', 'A node and tags exclude each other.', { details: { option: 'tags' } })
  if (host !== undefined && !instanceId.test(host) && !hybridId.test(host)) {
    throw new TransportError('INVALID_OPTIONS', `'${host}' is not the id of a managed node.`, {
      hint: 'Write i- and 8 or 17 hexadecimal digits, or mi- and 17: awsssm://i-0123456789abcdef0/',
      details: { option: 'host' },
    })
  }
  const { least, most } = executionTimeoutRange
  if (given.execution_timeout < least || given.execution_timeout > most) {
    throw new TransportError('INVALID_OPTIONS', `execution_timeout is ${String(given.execution_timeout / 1000)} seconds; Run Command takes 5 to 172800.`, { details: { option: 'execution_timeout' } })
  }
  if (given.output_limit < 16_384) throw new TransportError('INVALID_OPTIONS', 'output_limit is less than the 16384 bytes that one command can carry.', { details: { option: 'output_limit' } })
  if (given.profile !== undefined && given.credentials !== undefined) {
    throw new TransportError('INVALID_OPTIONS', 'profile and credentials are two ways to say who you are.', { hint: 'Give one of them.', details: { option: 'profile' } })
  }
  return given
}
