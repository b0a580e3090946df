// The scripts in every shell that may be somebody's sh, and over the userlands that Debian has.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { exercise } from './exercise.js'
import { findShell } from './local-runner.js'
import { createUserland, noUserland } from './userland.js'
import type { Userland } from './userland.js'

let root = ''
beforeAll(async () => { root = await mkdtemp(join(tmpdir(), 'train-shells-')) })
afterAll(() => rm(root, { recursive: true, force: true }))

const shells = ['dash', 'bash', 'bash --posix', 'busybox sh', 'mksh', 'ksh93', 'zsh --emulate sh', 'yash --posixly-correct']

describe('as sh', () => {
  for (const name of shells) {
    const shell = findShell(name)
    for (const stdin of ['live', 'none'] as const) {
      it.skipIf(shell === undefined)(`${name}, stdin ${stdin}${shell === undefined ? ' (not installed)' : ''}`, async () => {
        if (shell === undefined) return
        // yash dies of names that are not valid in its locale: posix.md §0.
        await exercise({ shell, stdin, limits: stdin === 'none' ? { command: 12_000 } : {} }, { allNames: !name.startsWith('yash'), root: '', work: root })
      })
    }
  }
})

const missing: readonly (readonly [string, readonly string[]])[] = [
  ['everything', []],
  ...['base64', 'stat', 'sha256sum', 'tar', 'mktemp', 'od', 'sync'].map((program) => [`no ${program}`, [program]] as const),
  ['neither base64 nor stat nor sha256sum nor tar', ['base64', 'stat', 'sha256sum', 'tar', 'mktemp', 'sync']],
]
const userlands = [...missing.map(([label, without]) => ({ kind: 'gnu' as const, label, without })), { kind: 'busybox' as const, label: 'everything', without: [] }, { kind: 'toybox' as const, label: 'everything', without: [] }]

describe('over the programs of', () => {
  for (const { kind, label, without } of userlands) {
    const reason = noUserland(...(kind === 'gnu' ? ['dash'] : [kind, 'dash']))
    describe.skipIf(reason !== undefined)(`${kind}, ${label}${reason === undefined ? '' : ` (${reason})`}`, () => {
      let userland: Userland | undefined
      beforeAll(() => { userland = createUserland(kind, without) })
      afterAll(() => { userland?.remove() })
      for (const stdin of ['live', 'none'] as const) {
        it(`stdin ${stdin}`, async () => {
          if (userland === undefined) return
          await exercise({ shell: userland.shell, stdin, limits: stdin === 'none' ? { command: 12_000 } : {}, env: { PATH: '/bin' } }, { allNames: true, root: userland.root, work: '/work' })
        })
      }
    })
  }
})
