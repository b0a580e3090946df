import { describe, expect, test } from 'vitest'
import { agentCut, apiCut, combinedOutput } from '../emulator/cuts.js'

describe('what is lost of a command’s output', () => {
  test('the agent: 24,000 bytes, its suffix included', () => {
    expect(agentCut(Buffer.alloc(24_000, 'a'))).toHaveLength(24_000)
    expect(agentCut(Buffer.alloc(24_001, 'a'))).toBe(`${'a'.repeat(23_980)}--output truncated--`)
  })
  test('the agent: bytes that are not UTF-8 become U+FFFD one by one, also those of a character at the cut; NUL survives', () => {
    expect(agentCut(Buffer.from([0x61, 0xff, 0xfe, 0x00, 0xc3, 0xbc, 0xe2, 0x82]))).toBe('a\ufffd\ufffd\0ü\ufffd\ufffd')
    expect(agentCut(Buffer.from(`${'a'.repeat(23_979)}ü${'b'.repeat(100)}`))).toBe(`${'a'.repeat(23_979)}\ufffd--output truncated--`)
    expect(agentCut(Buffer.from('\ud83d\ude00 ok'))).toBe('\ud83d\ude00 ok')
  })
  test('the API: 24,000 characters of stdout, 8,000 of stderr', () => {
    expect(apiCut('stderr', 'ü'.repeat(9_000))).toHaveLength(8_000)
    expect(apiCut('stdout', 'ü'.repeat(9_000))).toHaveLength(9_000)
  })
  test('the list: both streams in 2,500 characters', () => {
    expect(combinedOutput('out', 'err')).toBe('out\n----------ERROR-------\nerr')
    expect(combinedOutput('o'.repeat(3_000), '')).toHaveLength(2_500)
    expect(combinedOutput('o'.repeat(3_000), 'e'.repeat(3_000))).toHaveLength(2_500)
  })
})
