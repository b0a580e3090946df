// Properties with a bound on their time; a failure prints the seed with which to repeat it.
import fc from 'fast-check'

export function property<Arguments>(subject: fc.IProperty<Arguments>): void {
  const seed = process.env['TRAIN_SEED']
  fc.assert(subject, { numRuns: 500, interruptAfterTimeLimit: 2000, markInterruptAsFailure: false, ...(seed === undefined ? {} : { seed: Number(seed) }) })
}
