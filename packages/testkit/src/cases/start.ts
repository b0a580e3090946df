import assert from 'node:assert/strict'
import type { ConformanceCase } from '../case.js'
import { collect, execRequest, execute } from '../exec.js'
import { can } from '../requirements.js'

export const startCases: readonly ConformanceCase[] = [
  {
    id: 'exec.lazy',
    title: 'A command starts at the first `next()`, not before: an exec that nobody pulls costs nothing and holds no slot.',
    requires: can('append', 'exists', 'exit'),
    async run({ shared, commands, far }) {
      const { session } = await shared()
      const path = await far.path()
      const unpulled = session.exec(execRequest(commands.append(path, 'started')))
      // What had been started wrongly would be there before what is started after it has ended.
      for (let round = 0; round < 3; round += 1) await execute(session, commands.exit(0))
      assert.equal(await far.text(commands.exists(path)), 'no')
      assert.equal((await collect(unpulled)).exits[0]?.code, 0)
      assert.equal(await far.text(commands.exists(path)), 'yes')
    },
  },
  {
    id: 'exec.once',
    title: 'A command runs once, whatever becomes of it.',
    requires: can('append', 'read'),
    async run({ shared, commands, far }) {
      const { session } = await shared()
      const path = await far.path()
      await execute(session, commands.append(path, 'ran'))
      assert.equal(await far.text(commands.read(path)), 'ran')
    },
  },
]
