// What the service remembers of commands, and how it shows it.
import { apiCut, combinedOutput } from './cuts.js'
import type { ScriptReport } from './run-script.js'

export interface CommandRecord {
  readonly id: string
  readonly document: string
  readonly parameters: Readonly<Record<string, readonly string[]>>
  readonly comment: string
  readonly instanceIds: readonly string[]
  readonly targets: readonly unknown[]
  readonly requested: number
  readonly timeoutSeconds: number
  readonly expires: number
  /** Epoch milliseconds from which the API sees it. */
  readonly visible: number
  readonly maxConcurrency: string
  readonly maxErrors: string
  readonly invocations: Map<string, InvocationRecord>
}

export interface InvocationRecord {
  readonly instanceId: string
  readonly instanceName: string
  status: 'Pending' | 'InProgress' | 'Success' | 'Cancelled' | 'TimedOut' | 'Failed' | 'Cancelling'
  details: string
  code: number
  stdout: string
  stderr: string
  started: number | undefined
  ended: number | undefined
}

export function newInvocation(instanceId: string, instanceName: string): InvocationRecord {
  return { instanceId, instanceName, status: 'Pending', details: 'Pending', code: -1, stdout: '', stderr: '', started: undefined, ended: undefined }
}

export function isOver({ status }: InvocationRecord): boolean {
  return status === 'Success' || status === 'Cancelled' || status === 'TimedOut' || status === 'Failed'
}

export function finish(record: InvocationRecord, report: ScriptReport, now: number): void {
  if (isOver(record)) return
  Object.assign(record, {
    status: report.status, details: report.status === 'TimedOut' ? 'ExecutionTimedOut' : report.status,
    code: report.code, stdout: report.stdout, stderr: report.stderr, ended: now,
  })
}

const noCloudWatch = { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false }
const plugin = 'aws:runShellScript'

export function invocationView(command: CommandRecord, record: InvocationRecord, timeScale: number): object {
  const over = isOver(record)
  return {
    CommandId: command.id, InstanceId: record.instanceId, Comment: command.comment, DocumentName: command.document, DocumentVersion: '$DEFAULT',
    PluginName: plugin, ResponseCode: over ? record.code : -1,
    ExecutionStartDateTime: record.started === undefined ? '' : new Date(record.started).toISOString(),
    ExecutionEndDateTime: over && record.ended !== undefined ? new Date(record.ended).toISOString() : '',
    ExecutionElapsedTime: over && record.started !== undefined ? `PT${(((record.ended ?? record.started) - record.started) / timeScale / 1000).toFixed(3)}S` : '',
    Status: record.status, StatusDetails: record.details,
    StandardOutputContent: over ? apiCut('stdout', record.stdout) : '', StandardOutputUrl: '',
    StandardErrorContent: over ? apiCut('stderr', record.stderr) : '', StandardErrorUrl: '',
    CloudWatchOutputConfig: noCloudWatch,
  }
}

export function invocationListView(command: CommandRecord, record: InvocationRecord, details: boolean): object {
  const over = isOver(record)
  return {
    CommandId: command.id, InstanceId: record.instanceId, InstanceName: record.instanceName, Comment: command.comment, DocumentName: command.document,
    DocumentVersion: '$DEFAULT', RequestedDateTime: command.requested / 1000, Status: record.status, StatusDetails: record.details,
    StandardOutputUrl: '', StandardErrorUrl: '', ServiceRole: '', CloudWatchOutputConfig: noCloudWatch,
    NotificationConfig: { NotificationArn: '', NotificationEvents: [], NotificationType: '' },
    CommandPlugins: !details || record.started === undefined ? [] : [{
      Name: plugin, Status: record.status, StatusDetails: record.details, ResponseCode: over ? record.code : -1,
      ResponseStartDateTime: record.started / 1000, ...(record.ended === undefined || !over ? {} : { ResponseFinishDateTime: record.ended / 1000 }),
      Output: over ? combinedOutput(record.stdout, record.stderr) : '', StandardOutputUrl: '', StandardErrorUrl: '',
      OutputS3Region: '', OutputS3BucketName: '', OutputS3KeyPrefix: '',
    }],
  }
}

export function commandView(command: CommandRecord): object {
  const records = [...command.invocations.values()]
  const [status, details] = commandStatus(records)
  const count = (wanted: (record: InvocationRecord) => boolean): number => records.filter(wanted).length
  return {
    CommandId: command.id, DocumentName: command.document, DocumentVersion: '$DEFAULT', Comment: command.comment, ExpiresAfter: command.expires / 1000,
    Parameters: command.parameters, InstanceIds: command.instanceIds, Targets: command.targets, RequestedDateTime: command.requested / 1000,
    Status: status, StatusDetails: details, OutputS3Region: '', OutputS3BucketName: '', OutputS3KeyPrefix: '',
    MaxConcurrency: command.maxConcurrency, MaxErrors: command.maxErrors, TargetCount: records.length, CompletedCount: count(isOver),
    ErrorCount: count((record) => record.status === 'Failed' || record.details === 'ExecutionTimedOut'),
    DeliveryTimedOutCount: count((record) => record.details === 'DeliveryTimedOut'), ServiceRole: '',
    NotificationConfig: { NotificationArn: '', NotificationEvents: [], NotificationType: '' }, CloudWatchOutputConfig: noCloudWatch,
    TimeoutSeconds: command.timeoutSeconds,
  }
}

function commandStatus(records: readonly InvocationRecord[]): readonly [status: string, details: string] {
  if (records.every(isOver)) {
    const worst = (['Failed', 'TimedOut', 'Cancelled'] as const).find((status) => records.some((record) => record.status === status)) ?? 'Success'
    return [worst, records.find((record) => record.status === worst)?.details ?? worst]
  }
  return records.some((record) => record.status !== 'Pending') ? ['InProgress', 'InProgress'] : ['Pending', 'Pending']
}
