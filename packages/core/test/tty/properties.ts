import fc from 'fast-check'

/** Checks a property for at most this long; the seed is in the failure's message, TRAIN_SEED sets it. */
export function check<Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values> | fc.IAsyncProperty<Values>): Promise<void> | void {
  const seed = process.env['TRAIN_SEED']
  const parameters = { interruptAfterTimeLimit: 1500, numRuns: 300, ...(seed === undefined ? {} : { seed: Number(seed) }) }
  return fc.assert(property as fc.IAsyncProperty<Values>, parameters)
}
