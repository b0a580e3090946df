// The operations of Systems Manager that Run Command is made of.
import { randomUUID } from 'node:crypto'
import { Agent } from './agent.js'
import type { CommandRecord, InvocationRecord } from './commands.js'
import { commandView, finish, invocationListView, invocationView, isOver, newInvocation } from './commands.js'
import { ServiceError } from './http.js'
import { isText, record, strings, textOr, whole } from './input.js'
import type { NodeKnobs, Spread } from './knobs.js'
import { draw } from './knobs.js'
import type { Kms } from './kms.js'
import type { Relay } from './session/relay.js'

export interface ServiceSettings {
  readonly nodes: readonly NodeKnobs[]
  readonly region: string
  readonly directory: string
  readonly timeScale: number
  readonly parameters: Readonly<Record<string, string>>
  readonly pickUp: Spread
  readonly visible: Spread
  readonly publish: Spread
  readonly random: () => number
  readonly relay: Relay
  readonly kms: Kms
}

type Input = Readonly<Record<string, unknown>>

export class Service {
  readonly #settings: ServiceSettings
  readonly #agents: ReadonlyMap<string, Agent>
  readonly #commands = new Map<string, CommandRecord>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #operations: Readonly<Record<string, (input: Input) => object>> = {
    SendCommand: (input) => this.#sendCommand(input),
    GetCommandInvocation: (input) => this.#getCommandInvocation(input),
    ListCommandInvocations: (input) => this.#listCommandInvocations(input),
    ListCommands: (input) => this.#listCommands(input),
    CancelCommand: (input) => this.#cancelCommand(input),
    DescribeInstanceInformation: (input) => this.#describeInstanceInformation(input),
    GenerateDataKey: (input) => this.#settings.kms.generateDataKey(input),
    StartSession: (input) => this.#startSession(input),
    ResumeSession: (input) => this.#settings.relay.resume(textOr(input['SessionId'], '')),
    TerminateSession: (input) => this.#settings.relay.terminate(textOr(input['SessionId'], '')),
  }

  constructor(settings: ServiceSettings) {
    this.#settings = settings
    this.#agents = new Map(settings.nodes.map((node) => [node.id, new Agent({ ...settings, node })]))
  }

  carryOut(operation: string, input: Input): object {
    const act = this.#operations[operation]
    if (act === undefined) throw new ServiceError('UnknownOperationException')
    return act(input)
  }

  /** For tests: how often 194 made this node's agent reboot. */
  reboots(id: string): number {
    return this.#agents.get(id)?.reboots ?? 0
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()))
  }

  #sendCommand(input: Input): object {
    const document = textOr(input['DocumentName'], '')
    if (document !== 'AWS-RunShellScript') throw new ServiceError('InvalidDocument', `Document with name ${document} does not exist.`)
    const parameters = shellScriptParameters(input['Parameters'])
    if (JSON.stringify(input['Parameters']).length > 65_536) throw new ServiceError('MaxDocumentSizeExceeded', 'The size limit of a document is 64 KB.')
    const timeoutSeconds = input['TimeoutSeconds'] === undefined ? 3_600 : whole(input['TimeoutSeconds'], 'timeoutSeconds', 30, 2_592_000)
    const comment = textOr(input['Comment'], '')
    if (comment.length > 100) throw new ServiceError('ValidationException', "Value at 'comment' failed to satisfy constraint: Member must have length less than or equal to 100")
    const nodes = this.#targets(input)
    const now = Date.now()
    const execution = Number(parameters['executionTimeout']?.[0] ?? 3_600)
    const command: CommandRecord = {
      id: randomUUID(), document, parameters, comment, timeoutSeconds, requested: now, targets: Array.isArray(input['Targets']) ? input['Targets'] : [],
      instanceIds: input['Targets'] === undefined ? nodes.map((node) => node.id) : [], expires: now + (timeoutSeconds + execution) * 1000,
      visible: now + this.#draw(this.#settings.visible), maxConcurrency: textOr(input['MaxConcurrency'], '50'), maxErrors: textOr(input['MaxErrors'], '0'),
      invocations: new Map(nodes.map((node) => [node.id, newInvocation(node.id, node.name ?? '')])),
    }
    this.#commands.set(command.id, command)
    for (const invocation of command.invocations.values()) this.#deliver(command, invocation)
    return { Command: commandView(command) }
  }

  #deliver(command: CommandRecord, invocation: InvocationRecord): void {
    const { publish, timeScale, nodes } = this.#settings
    const expire = this.#after(command.timeoutSeconds * 1000 * timeScale, () => {
      if (invocation.status === 'Pending') Object.assign(invocation, { status: 'TimedOut', details: 'DeliveryTimedOut', ended: Date.now() })
    })
    if (nodes.find((node) => node.id === invocation.instanceId)?.agent === 'silent') return
    const offer = (): void => {
      if (isOver(invocation)) return
      const taken = this.#agents.get(invocation.instanceId)?.offer({
        commandId: command.id,
        commands: command.parameters['commands'] ?? [],
        workingDirectory: command.parameters['workingDirectory']?.[0],
        executionTimeout: command.parameters['executionTimeout']?.[0],
        onStart: () => {
          clearTimeout(expire)
          Object.assign(invocation, { status: 'InProgress', details: 'InProgress', started: Date.now() })
        },
        onEnd: (report) => {
          const ended = Date.now()
          this.#after(this.#draw(publish), () => finish(invocation, report, ended))
        },
      })
      if (taken === false) this.#after(this.#draw(this.#settings.pickUp) + 20, offer)
    }
    this.#after(this.#draw(this.#settings.pickUp), offer)
  }

  #getCommandInvocation(input: Input): object {
    const { command, invocation } = this.#find(input)
    return invocationView(command, invocation, this.#settings.timeScale)
  }

  #find(input: Input): { command: CommandRecord; invocation: InvocationRecord } {
    const command = this.#commands.get(textOr(input['CommandId'], ''))
    const invocation = command?.invocations.get(textOr(input['InstanceId'], ''))
    if (command === undefined || invocation === undefined || command.visible > Date.now()) throw new ServiceError('InvocationDoesNotExist')
    const step = input['PluginName']
    if (step !== undefined && step !== 'aws:runShellScript') throw new ServiceError('InvalidPluginName')
    return { command, invocation }
  }

  #listCommandInvocations(input: Input): object {
    const id = input['CommandId']
    const node = input['InstanceId']
    const rows = this.#visible().filter((command) => id === undefined || command.id === id).flatMap((command) =>
      [...command.invocations.values()].filter((invocation) => node === undefined || invocation.instanceId === node)
        .map((invocation) => invocationListView(command, invocation, input['Details'] === true)))
    return page('CommandInvocations', rows, input)
  }

  #listCommands(input: Input): object {
    const id = input['CommandId']
    const node = textOr(input['InstanceId'], '')
    return page('Commands', this.#visible().filter((command) => (id === undefined || command.id === id) && (node === '' || command.invocations.has(node))).map(commandView), input)
  }

  #visible(): readonly CommandRecord[] {
    return [...this.#commands.values()].filter((command) => command.visible <= Date.now()).reverse()
  }

  #cancelCommand(input: Input): object {
    const command = this.#commands.get(textOr(input['CommandId'], ''))
    if (command === undefined) throw new ServiceError('InvalidCommandId')
    const ids = input['InstanceIds'] === undefined ? [] : strings(input['InstanceIds'])
    for (const invocation of command.invocations.values()) {
      if (isOver(invocation) || (ids.length > 0 && !ids.includes(invocation.instanceId))) continue
      if (this.#agents.get(invocation.instanceId)?.cancel(command.id) === true) Object.assign(invocation, { status: 'Cancelling', details: 'Cancelling' })
      else Object.assign(invocation, { status: 'Cancelled', details: 'Cancelled', ended: Date.now() })
    }
    return {}
  }

  #describeInstanceInformation(input: Input): object {
    const filters = [...asList(input['Filters']), ...asList(input['InstanceInformationFilterList'])].map(record).map((filter) => ({
      key: textOr(filter['Key'] ?? filter['key'], ''), values: strings(filter['Values'] ?? filter['valueSet']),
    }))
    const rows = this.#settings.nodes.filter((node) => filters.every(({ key, values }) => values.some((value) => matches(node, key, value))))
    return page('InstanceInformationList', rows.map((node) => ({
      InstanceId: node.id, PingStatus: node.ping ?? 'Online', LastPingDateTime: Date.now() / 1000, AgentVersion: '3.3.1142.0', IsLatestVersion: true,
      PlatformType: node.platformType ?? 'Linux', PlatformName: node.platformName ?? 'Amazon Linux', PlatformVersion: node.platformVersion ?? '2023',
      ResourceType: node.id.startsWith('mi-') ? 'ManagedInstance' : 'EC2Instance', IPAddress: node.ipAddress ?? '10.0.0.10', ComputerName: node.name ?? 'ip-10-0-0-10.ec2.internal',
      AssociationStatus: 'Success', SourceId: node.id, SourceType: node.id.startsWith('mi-') ? 'AWS::SSM::ManagedInstance' : 'AWS::EC2::Instance',
    })), input)
  }

  #startSession(input: Input): object {
    const node = this.#settings.nodes.find(({ id }) => id === input['Target'])
    if (node === undefined || (node.ping ?? 'Online') !== 'Online' || node.agent === 'silent') throw new ServiceError('TargetNotConnected', `${textOr(input['Target'], '')} is not connected.`)
    const document = textOr(input['DocumentName'], 'SSM-SessionManagerRunShell')
    const parameters = Object.fromEntries(Object.entries(record(input['Parameters'] ?? {})).map(([name, list]) => [name, strings(list)[0] ?? '']))
    return this.#settings.relay.start(node.id, portOf(document, parameters))
  }

  #targets(input: Input): readonly NodeKnobs[] {
    const { nodes } = this.#settings
    if (input['Targets'] !== undefined) {
      const filters = asList(input['Targets']).map(record)
      return nodes.filter((node) => (node.ping ?? 'Online') === 'Online' && filters.every((target) => strings(target['Values']).some((value) => matches(node, textOr(target['Key'], ''), value))))
    }
    const ids = strings(input['InstanceIds'])
    if (ids.length === 0) throw new ServiceError('InvalidInstanceId')
    if (ids.length > 50) throw new ServiceError('ValidationException', "Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to 50")
    const found = nodes.filter((node) => ids.includes(node.id) && (node.ping ?? 'Online') === 'Online')
    if (found.length < new Set(ids).size) throw new ServiceError('InvalidInstanceId', `Instances [[${ids.filter((id) => !found.some((node) => node.id === id)).join(', ')}]] not in a valid state for account 123456789012`)
    if (found.some((node) => node.platformType === 'Windows')) throw new ServiceError('UnsupportedPlatformType')
    return found
  }

  #draw(spread: Spread): number {
    return draw(spread, this.#settings.random)
  }

  #after(milliseconds: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, Math.min(milliseconds, 2_147_483_647))
    this.#timers.add(timer)
    return timer
  }
}

function shellScriptParameters(value: unknown): Readonly<Record<string, readonly string[]>> {
  const given = record(value ?? {})
  const unknown = Object.keys(given).find((name) => !['commands', 'workingDirectory', 'executionTimeout'].includes(name))
  if (unknown !== undefined) throw new ServiceError('InvalidParameters', `Parameter ${unknown} is not defined in the document.`)
  const parameters = Object.fromEntries(Object.entries(given).map(([name, list]) => [name, strings(list)]))
  if ((parameters['commands'] ?? []).length === 0) throw new ServiceError('InvalidParameters', 'Parameter commands is required.')
  return parameters
}

/** undefined: a shell. */
function portOf(document: string, parameters: Readonly<Record<string, string>>): { readonly host: string; readonly port: number } | undefined {
  if (document === 'SSM-SessionManagerRunShell') return undefined
  const remote = document === 'AWS-StartPortForwardingSessionToRemoteHost'
  if (!remote && document !== 'AWS-StartPortForwardingSession') throw new ServiceError('InvalidDocument', `Document with name ${document} does not exist.`)
  const port = Number(parameters['portNumber'])
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new ServiceError('InvalidParameters', 'portNumber')
  return { host: remote ? (parameters['host'] ?? '') : '127.0.0.1', port }
}

function matches(node: NodeKnobs, key: string, value: string): boolean {
  if (key.startsWith('tag:')) return node.tags?.[key.slice(4)] === value
  if (/^InstanceIds$/i.test(key)) return node.id === value
  if (key === 'PingStatus') return (node.ping ?? 'Online') === value
  if (key === 'PlatformTypes') return (node.platformType ?? 'Linux') === value
  throw new ServiceError('InvalidFilterKey')
}

function page(name: string, rows: readonly object[], input: Input): object {
  const size = input['MaxResults'] === undefined ? 50 : whole(input['MaxResults'], 'maxResults', 1, 50)
  const start = isText(input['NextToken']) ? Number(input['NextToken']) : 0
  if (!Number.isInteger(start)) throw new ServiceError('InvalidNextToken')
  return { [name]: rows.slice(start, start + size), ...(start + size < rows.length ? { NextToken: String(start + size) } : {}) }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
