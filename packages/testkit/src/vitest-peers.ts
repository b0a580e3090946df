// Suites and tests that need real peers, under vitest.
import { describe, test } from 'vitest'
import type { Peer } from './peers.js'

/** A suite that needs `peers`. Where one is missing, the suite is skipped and its title says why. */
export function describeWithPeer(peers: Peer | readonly Peer[], title: string, body: () => void): void {
  const reason = missing(peers)
  if (reason === undefined) describe(title, body)
  else describe.skip(`${title} [skipped: ${reason}]`, body)
}

/** A test that needs `peers`. Where one is missing, the test is skipped and its title says why. */
export function testWithPeer(peers: Peer | readonly Peer[], title: string, body: () => unknown, timeout?: number): void {
  const reason = missing(peers)
  if (reason === undefined) test(title, async () => void (await body()), timeout)
  else test.skip(`${title} [skipped: ${reason}]`, () => undefined)
}

const told = new Set<string>()

function missing(peers: Peer | readonly Peer[]): string | undefined {
  const reasons = [peers].flat().flatMap((peer) => peer.reason ?? [])
  if (reasons.length === 0) return undefined
  const reason = reasons.join(', ')
  // Vitest's default reporter counts skipped tests but does not print their names.
  if (!told.has(reason)) process.stderr.write(`skipped tests: ${reason}\n`)
  told.add(reason)
  return reason
}
