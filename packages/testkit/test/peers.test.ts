import { describe, expect, test } from 'vitest'
import { parsePeers, peer } from '../src/peers.js'
import { testWithPeer } from '../src/vitest.js'

describe('parsePeers', () => {
  test('reads names, packages and places', () => {
    expect(parsePeers('# a comment\nsshd openssh-server sshd\n\nzsh zsh # where it is\npwsh - $TRAIN_PWSH pwsh\n')).toEqual([
      { name: 'sshd', debianPackage: 'openssh-server', places: ['sshd'] },
      { name: 'zsh', debianPackage: 'zsh', places: ['zsh'] },
      { name: 'pwsh', debianPackage: undefined, places: ['$TRAIN_PWSH', 'pwsh'] },
    ])
  })
})

describe('peer', () => {
  const entries = parsePeers('shell dash sh\nabsent some-package no-such-program-of-train\nmachine - $TRAIN_MACHINE\nshadow passwd /etc/passwd')

  test('finds a program in PATH, a path, and what a variable names', () => {
    expect(peer('shell', { entries })).toMatchObject({ available: true, path: expect.stringMatching(/\/sh$/) })
    expect(peer('shadow', { entries })).toMatchObject({ available: true, path: '/etc/passwd' })
    expect(peer('machine', { entries, environment: { TRAIN_MACHINE: 'host' } })).toMatchObject({ available: true, path: 'host' })
  })

  test('says why a peer is missing and what to install', () => {
    expect(peer('absent', { entries, environment: {} })).toEqual({
      name: 'absent', available: false, path: undefined, reason: 'no absent (on Debian: apt-get install some-package)',
    })
    expect(peer('machine', { entries, environment: {} }).reason).toBe('no machine (it cannot be installed here)')
    expect(peer('not-in-the-list', { entries, environment: {} }).available).toBe(false)
  })

  test('a missing peer is a failure where peers are required, but not one that nobody can install', () => {
    const environment = { TRAIN_REQUIRE_PEERS: '1' }
    expect(() => peer('absent', { entries, environment })).toThrow(/absent.*required.*some-package/)
    expect(peer('machine', { entries, environment }).available).toBe(false)
  })

  test('knows root', () => {
    expect(peer('root').available).toBe(process.getuid?.() === 0)
  })
})

testWithPeer(peer('root'), 'a test with a peer runs where the peer is', () => expect(process.getuid?.()).toBe(0))
