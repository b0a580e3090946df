// Its whole conformance test. Run it with: node --import tsx --test transport.test.ts
import { describeConformance } from '@train-ts/testkit/node-test'
import nice from './transport.js'

describeConformance({ name: 'nice:', driver: nice, target: { url: 'nice://5' } })
