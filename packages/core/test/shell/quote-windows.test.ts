import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { joinCmd, quoteCmd } from '../../src/shell/quote-cmd.js'
import { joinPowerShell, quotePowerShell } from '../../src/shell/quote-powershell.js'

const { quoting } = JSON.parse(readFileSync(new URL('../vectors/powershell.json', import.meta.url), 'utf8')) as { quoting: readonly { value: string; literal: string }[] }

describe('PowerShell', () => {
  test.each(quoting)('recorded: $value', ({ value, literal }) => {
    expect(quotePowerShell(value)).toBe(literal)
  })

  test('a quote of another kind does not end the literal', () => {
    expect(quotePowerShell('a\u2019; evil; \u2018')).toBe("'a\u2019\u2019; evil; \u2018\u2018'")
  })

  test('half a surrogate pair, NUL and --% are refused', () => {
    expect(() => quotePowerShell('\ud800')).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
    expect(() => joinPowerShell(['p', 'a\0b'])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
    expect(() => joinPowerShell(['p', '--%'])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
    expect(() => joinPowerShell([])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  })

  test('a program, its arguments and its exit code', () => {
    const tail = '; if ($null -eq $LASTEXITCODE) { exit 1 }; exit $LASTEXITCODE'
    expect(joinPowerShell(['C:\\a b\\p.exe', '--%x', '$a', 'b c'])).toBe(`& 'C:\\a b\\p.exe' '--%x' '$a' 'b c'${tail}`)
    expect(joinPowerShell(['p', ''])).toContain(`{ '' } else { '""' }`)
    expect(joinPowerShell(['p', 'a"b'])).toContain(`{ 'a"b' } else { 'a\\"b' }`)
    expect(joinPowerShell(['p', 'a b\\'])).toContain(`{ 'a b\\' } else { 'a b\\\\' }`)
  })
})

describe('cmd', () => {
  // Rows as Microsoft documents them for CommandLineToArgvW, behind cmd's carets.
  test.each([
    ['plain', 'plain'],
    ['', '^"^"'],
    ['a b', '^"a b^"'],
    ['a"b', '^"a\\^"b^"'],
    ['a\\', 'a\\'],
    ['a b\\', '^"a b\\\\^"'],
    ['a\\"b', '^"a\\\\\\^"b^"'],
    ['%PATH%', '^%PATH^%'],
    ['a&b|c<d>e^f', 'a^&b^|c^<d^>e^^f'],
    ['wow!', 'wow^!'],
  ])('%j', (value, quoted) => {
    expect(quoteCmd(value)).toBe(quoted)
  })

  test('what ends a line is refused', () => {
    for (const value of ['a\nb', 'a\rb', 'a\0b']) expect(() => quoteCmd(value)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
    expect(() => joinCmd([])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  })
})
