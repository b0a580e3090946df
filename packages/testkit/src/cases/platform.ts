import assert from 'node:assert/strict'
import type { ConformanceCase } from '../case.js'
import { posix } from '../requirements.js'

export const platformCases: readonly ConformanceCase[] = [
  {
    id: 'platform.detected',
    title: '`platform` names the far side in one exec, or two where the shell has to be asked, and remembers it.',
    requires: posix,
    async run({ connect, declared }) {
      const { connection, observed } = await connect()
      const platform = await connection.platform()
      assert.match(platform.name, /^[a-z]/)
      assert.ok(platform.families.includes(platform.family), `${platform.family} is not among ${platform.families.join()}`)
      const allowed = declared.capabilities.shell === undefined ? 2 : 1
      assert.ok(observed.execs <= allowed, `${String(observed.execs)} execs`)
      observed.reset()
      assert.deepEqual(await connection.platform(), platform)
      assert.equal(observed.execs, 0)
    },
  },
]
