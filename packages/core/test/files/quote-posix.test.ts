import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinPosix, quotePosix } from '../../src/shell/quote-posix.js'
import { findShell } from './local-runner.js'

describe('quotePosix', () => {
  it('leaves the quotes for the three characters that some shell reads inside them', () => {
    expect(quotePosix('plain')).toBe("'plain'")
    expect(quotePosix("a'b!c\\d")).toBe("'a'\\''b'\\!'c'\\\\'d'")
    expect(quotePosix('')).toBe("''")
  })

  it('refuses NUL and bytes that are not text', () => {
    expect(() => quotePosix('a\0b')).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
    expect(() => quotePosix(Uint8Array.of(0xff))).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
    expect(() => joinPosix([])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  })

  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')
  for (const name of ['dash', 'bash', 'busybox sh', 'mksh', 'ksh93', 'zsh', 'yash', 'fish', 'tcsh']) {
    const shell = findShell(name)
    it.skipIf(shell === undefined)(`brings every printable character through ${name}`, () => {
      if (shell === undefined) return
      const say = (word: string): string => execFileSync(shell[0] ?? name, [...shell.slice(1), '-c', `printf %s ${quotePosix(word)}`], { encoding: 'utf8' })
      expect(say(printable)).toBe(printable)
      expect(say('\t\u00e4\u20ac')).toBe('\t\u00e4\u20ac')
      fc.assert(
        fc.property(fc.stringMatching(/^[ -~\t]{1,40}$/), (word) => say(word) === word),
        { numRuns: 25, interruptAfterTimeLimit: 5_000 },
      )
    })
  }
})
