import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/channel/channel.js'
import { Channel } from '../../src/channel/channel.js'
import { decodeMessage, encodeMessage } from '../../src/codec/message.js'
import { decodeAcknowledgement, encodeAcknowledgement } from '../../src/codec/payload.js'

let ids = 0
const newId = (): string => `00000000-0000-4000-8000-${(ids++).toString(16).padStart(12, '0')}`
const client = (): Channel => new Channel({ wallClock: () => 1_700_000_000_000, newId })
const agent = (): Channel => new Channel({ wallClock: () => 1_700_000_000_000, newId, sends: 'output_stream_data', receives: 'input_stream_data' })

const frames = (effects: readonly Effect[]): Uint8Array[] => effects.flatMap((effect) => (effect.kind === 'frame' ? [effect.bytes] : []))
const kinds = (bytes: readonly Uint8Array[]): string[] =>
  bytes.map((one) => { const decoded = decodeMessage(one); return decoded.ok ? decoded.message.type : decoded.reason })
const payloads = (effects: readonly Effect[]): string[] => effects.flatMap((effect) => (effect.kind === 'payload' ? [Buffer.from(effect.payload).toString()] : []))
const output = (sequence: number, text: string): Buffer =>
  encodeMessage({ type: 'output_stream_data', created: 1, sequence, flags: 0, id: newId(), payloadType: 1, payload: Buffer.from(text) })
const ack = (sequence: number): Buffer => {
  const payload = encodeAcknowledgement({ type: 'input_stream_data', id: newId(), sequence })
  return encodeMessage({ type: 'acknowledge', created: 1, sequence: 0, flags: 3, id: newId(), payloadType: 0, payload })
}
const control = (type: string, payload = ''): Buffer => encodeMessage({ type, created: 1, sequence: 0, flags: 0, id: newId(), payloadType: 0, payload: Buffer.from(payload) })

describe('receiving', () => {
  test('in order: delivered, acknowledged by number and id', () => {
    const frame = output(0, 'a')
    const effects = client().receive(frame, 0)
    expect(payloads(effects)).toEqual(['a'])
    const decoded = decodeMessage(frames(effects)[0] ?? Buffer.alloc(0))
    const original = decodeMessage(frame)
    if (!decoded.ok || !original.ok) throw new Error('not read')
    expect([decoded.message.sequence, decoded.message.flags, decoded.message.payloadType]).toEqual([0, 3, 0])
    expect(decodeAcknowledgement(decoded.message.payload)).toEqual({ type: 'output_stream_data', id: original.message.id, sequence: 0 })
  })
  test('the ack comes before the data', () => {
    expect(client().receive(output(0, 'a'), 0).map((effect) => effect.kind)).toEqual(['frame', 'payload'])
  })
  test('out of order: acknowledged at once, delivered in order', () => {
    const channel = client()
    expect(channel.receive(output(2, 'c'), 0).map((effect) => effect.kind)).toEqual(['frame'])
    expect(payloads(channel.receive(output(1, 'b'), 0))).toEqual([])
    expect(payloads(channel.receive(output(0, 'a'), 0))).toEqual(['a', 'b', 'c'])
  })
  test('a duplicate is acknowledged again and not delivered again', () => {
    const channel = client()
    channel.receive(output(0, 'a'), 0)
    expect(channel.receive(output(0, 'a'), 0).map((effect) => effect.kind)).toEqual(['frame'])
  })
  test('a wrong digest is dropped without an ack', () => {
    const frame = output(0, 'abc')
    frame.writeUInt8(0x7a, frame.byteLength - 1)
    expect(client().receive(frame, 0)).toEqual([])
  })
  test('frames far ahead are kept up to a limit, then neither kept nor acknowledged', () => {
    const channel = client()
    for (let sequence = 1; sequence <= 10_000; sequence++) channel.receive(output(sequence, 'x'), 0)
    expect(channel.receive(output(10_001, 'x'), 0)).toEqual([])
    expect(payloads(channel.receive(output(0, 'x'), 0))).toHaveLength(10_001)
  })
  test('unknown messages, and acks for what was never sent, change nothing', () => {
    const channel = client()
    expect(channel.receive(control('something_new'), 0)).toEqual([])
    expect(channel.receive(ack(7), 0)).toEqual([])
    expect(channel.receive(control('acknowledge', '{"AcknowledgedMessageSequenceNumber":"0"}'), 0)).toEqual([])
    expect(channel.roundTrip.timeout).toBe(200)
  })
  test('after channel_closed nothing is heard and nothing is said', () => {
    const channel = client()
    expect(channel.receive(control('channel_closed', '{"Output":"because"}'), 0)).toEqual([{ kind: 'closed', output: 'because' }])
    expect([channel.receive(output(0, 'a'), 0), channel.send(1, Buffer.from('b'), 0), channel.tick(10_000)]).toEqual([[], [], []])
  })
})

describe('sending', () => {
  test('the same bytes go again when their time is up, only the oldest, and no sooner', () => {
    const channel = client()
    const [first] = frames(channel.send(1, Buffer.from('a'), 0))
    channel.send(1, Buffer.from('b'), 0)
    expect(channel.tick(200)).toEqual([])
    expect(frames(channel.tick(201))).toEqual([first])
    expect(channel.tick(300)).toEqual([])
    expect(frames(channel.tick(402))).toEqual([first])
  })
  test('an ack ends that; of a message that was repeated no round trip is taken', () => {
    const channel = client()
    channel.send(1, Buffer.from('a'), 0)
    channel.tick(300)
    channel.receive(ack(0), 305)
    expect([channel.roundTrip.timeout, channel.tick(10_000)]).toEqual([200, []])
    channel.send(1, Buffer.from('b'), 1_000)
    channel.receive(ack(1), 1_005)
    expect(channel.roundTrip.timeout).toBe(183.125)
  })
  test('paused, it says nothing but acks; what comes from the peer starts it again', () => {
    const channel = client()
    channel.receive(control('pause_publication'), 0)
    expect(channel.send(1, Buffer.from('a'), 0)).toEqual([])
    expect(channel.tick(5_000)).toEqual([])
    expect(kinds(frames(channel.receive(output(0, 'x'), 5_000)))).toEqual(['input_stream_data', 'acknowledge'])
    channel.receive(control('pause_publication'), 0)
    expect(kinds(frames(channel.receive(control('start_publication'), 6_000)))).toEqual(['input_stream_data'])
  })
  test('without a socket nothing is sent; with the next one all that is unacknowledged goes again', () => {
    const channel = client()
    channel.disconnected()
    expect(channel.send(1, Buffer.from('a'), 0)).toEqual([])
    expect(channel.tick(5_000)).toEqual([])
    expect(kinds(frames(channel.reconnected(6_000)))).toEqual(['input_stream_data'])
  })
  test('says when there is no more room', () => {
    const channel = client()
    while (channel.hasRoom) channel.send(1, Buffer.from('a'), 0)
    expect(channel.inFlight).toBe(1_000)
    channel.receive(ack(0), 1)
    expect(channel.hasRoom).toBe(true)
  })
})

// Whatever the network does to frames (loses, repeats, reorders, breaks, cuts the line), each side sees each byte once, in order.
test('two channels over a hostile network', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('send' as const), from: fc.constantFrom(0, 1), length: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ act: fc.constantFrom('deliver' as const, 'lose' as const, 'repeat' as const, 'break' as const), to: fc.constantFrom(0, 1), which: fc.nat() }),
    fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ act: fc.constant('cut' as const) }),
    fc.record({ act: fc.constant('pause' as const) }),
  )
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const peers = [client(), agent()] as const
    const wires: [Uint8Array[], Uint8Array[]] = [[], []] // to peer 0, to peer 1
    const sent: [string, string] = ['', '']
    const got: [string, string] = ['', '']
    let now = 0
    let letter = 0
    const other = (side: number) => (side === 0 ? 1 : 0)
    const apply = (side: 0 | 1, effects: readonly Effect[]): void => {
      wires[other(side)].push(...frames(effects))
      got[side] += payloads(effects).join('')
    }
    const sides = [0, 1] as const
    for (const one of steps) {
      if (one.act === 'send') {
        const side = one.from === 0 ? 0 : 1
        const text = String.fromCharCode(97 + (letter++ % 26)).repeat(one.length)
        sent[side] += text
        apply(side, peers[side].send(1, Buffer.from(text), now))
      } else if (one.act === 'wait') {
        now += one.ms
        for (const side of sides) apply(side, peers[side].tick(now))
      } else if (one.act === 'cut') {
        wires[0].length = wires[1].length = 0
        for (const side of sides) { peers[side].disconnected(); apply(side, peers[side].reconnected(now)) }
      } else if (one.act === 'pause') {
        apply(0, peers[0].receive(control('pause_publication'), now))
      } else {
        const side = one.to === 0 ? 0 : 1
        const wire = wires[side]
        if (wire.length === 0) continue
        const index = one.which % wire.length
        const frame = wire[index] ?? Buffer.alloc(0)
        if (one.act !== 'repeat') wire.splice(index, 1)
        if (one.act === 'lose') continue
        const broken = one.act === 'break' ? frame.subarray(0, frame.byteLength - 1) : frame
        apply(side, peers[side].receive(broken, now))
      }
    }
    // The network mends: everything arrives in the end.
    apply(0, peers[0].receive(control('start_publication'), now))
    for (let round = 0; round < 2_000 && (peers[0].inFlight > 0 || peers[1].inFlight > 0 || wires[0].length + wires[1].length > 0); round++) {
      now += 1_001
      for (const side of sides) {
        apply(side, peers[side].tick(now))
        for (const frame of wires[side].splice(0)) apply(side, peers[side].receive(frame, now))
      }
    }
    expect([got[1], got[0]]).toEqual([sent[0], sent[1]])
  }), { numRuns: 150 })
})
