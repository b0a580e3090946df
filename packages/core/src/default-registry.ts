import type { AnyDriver } from './driver.js'
import { localDriver } from './local/index.js'
import { mockDriver } from './mock/index.js'
import { createRegistry } from './registry.js'

/** Where `connect` looks schemes up unless it is given a registry: `local:`, `mock:`, what was registered, and what is installed. */
export const defaultRegistry = createRegistry([localDriver, mockDriver])

/** Makes a driver's schemes known to `connect`. The same driver twice is fine; another driver for a known scheme is a TypeError. */
export function registerTransport(driver: AnyDriver): void {
  defaultRegistry.register(driver)
}
