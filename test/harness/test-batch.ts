import { resolve } from 'node:path'
import { it } from 'node:test'
import { pathToFileURL } from 'node:url'

/*
 * Runs the test files named on its command line in one process, one after the other: modules that they share are loaded once.
 * For tests of code that leaves nothing behind in the process.
 */
for (const file of process.argv.slice(2))
  try {
    await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    it(`${file} is loaded`, () => {
      throw error
    })
  }
