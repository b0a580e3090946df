// All targets of one `fleet` call: those with the same account, region and endpoint go together.
import type { ExecRequest, FleetSession, OpenContext } from '@train-ts/core'
import { pause } from './abort.js'
import { createApi, createClient } from './aws.js'
import { createFleetApi } from './fleet-api.js'
import type { FleetMember } from './fleet.js'
import { createFleet } from './fleet.js'
import type { AwsSsmOptions } from './options.js'

interface Group {
  readonly options: Readonly<AwsSsmOptions>
  readonly members: FleetMember[]
}

export async function openFleet(targets: readonly Readonly<AwsSsmOptions>[], context: OpenContext): Promise<FleetSession> {
  const groups: Group[] = []
  for (const [index, options] of targets.entries()) {
    const group = groups.find((one) => sameAccount(one.options, options))
    const member = memberOf(options, index)
    if (group === undefined) groups.push({ options, members: [member] })
    else group.members.push(member)
  }
  const clock = { now: () => performance.now(), random: Math.random, pause }
  const fleets = await Promise.all(groups.map(async ({ options, members }) => {
    const aws = await createClient(options)
    const api = { ...createApi(aws, clock), ...createFleetApi(aws, clock) }
    const fleet = createFleet({ api, clock, executionTimeout: options.execution_timeout, outputLimit: options.output_limit }, members)
    return { fleet, members, client: aws.client }
  }))
  context.signal.throwIfAborted()
  return {
    ...(fleets[0]?.fleet.capabilities === undefined ? {} : { capabilities: fleets[0].fleet.capabilities }),
    async *exec(request) {
      yield* merged(fleets.map(({ fleet, members }) => answersOf(fleet, members, request)))
    },
    async close() {
      await Promise.all(fleets.map(async ({ fleet, client }) => {
        await fleet.close()
        client.destroy()
      }))
    },
  }
}

type Answer = ReturnType<FleetSession['exec']> extends AsyncIterable<infer Item> ? Item : never

/** What fails for a whole account fails for its own nodes alone. */
async function* answersOf(fleet: FleetSession, members: readonly FleetMember[], request: ExecRequest): AsyncGenerator<Answer, void, undefined> {
  const settled = new Set<number>()
  try {
    for await (const answer of fleet.exec(request)) {
      settled.add(answer.index)
      yield answer
    }
  } catch (error) {
    request.signal.throwIfAborted()
    for (const { index, to } of members) if (!settled.has(index)) yield { node: 'id' in to ? to.id : 'tags', index, error }
  }
}

/** What comes from any of them, as it comes. */
async function* merged<Item>(sources: readonly AsyncIterable<Item>[]): AsyncGenerator<Item, void, undefined> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const pending = new Map<AsyncIterator<Item>, Promise<Step<Item>>>()
  for (const iterator of iterators) pending.set(iterator, advance(iterator))
  try {
    while (pending.size > 0) {
      const { iterator, step } = await Promise.race(pending.values())
      if (step.done === true) {
        pending.delete(iterator)
        continue
      }
      pending.set(iterator, advance(iterator))
      yield step.value
    }
  } finally {
    await Promise.allSettled([...pending.keys()].map(async (iterator) => iterator.return?.()))
  }
}

interface Step<Item> {
  readonly iterator: AsyncIterator<Item>
  readonly step: IteratorResult<Item>
}

async function advance<Item>(iterator: AsyncIterator<Item>): Promise<Step<Item>> {
  return { iterator, step: await iterator.next() }
}

function sameAccount(one: Readonly<AwsSsmOptions>, other: Readonly<AwsSsmOptions>): boolean {
  return one.region === other.region && one.profile === other.profile && one.endpoint === other.endpoint && one.credentials === other.credentials
}

function memberOf({ host, tags, max_concurrency: maxConcurrency, max_errors: maxErrors }: Readonly<AwsSsmOptions>, index: number): FleetMember {
  return host === undefined ? { index, to: { tags: tags ?? {}, maxConcurrency, maxErrors } } : { index, to: { id: host } }
}
