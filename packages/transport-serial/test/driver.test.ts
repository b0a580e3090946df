import { connectWith } from '@train-ts/core'
import { expect, test } from 'vitest'
import serial from '../src/index.js'

test.each([
  ['dataBits', { dataBits: 9 }],
  ['stopBits', { stopBits: 3 }],
  ['baud', { baud: 0 }],
  ['promptPattern', { promptPattern: '(' }],
  ['parity', { parity: 'sometimes' }],
])('refuses a wrong %s before anything is opened', async (option, options) => {
  await expect(connectWith(serial, options as object)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { option } })
})

test('takes from a URL nothing that types commands or reads patterns', () => {
  const fromUrl = Object.entries(serial.options).filter(([, spec]) => spec.url === true || spec.from !== undefined)
  const forbidden = ['setup', 'teardown', 'errorPattern', 'promptPattern', 'debugSerial']
  expect(fromUrl.map(([name]) => name).filter((name) => forbidden.includes(name))).toEqual([])
})
