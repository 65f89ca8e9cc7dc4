// Boots the machine and puts the cases to it, one after the other.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { whyNoLab } from '../lab.ts'
import { LabError } from '../run.ts'
import { type Case, seconds } from './cases.ts'
import { clockCases } from './clock-cases.ts'
import { ensureImage, type Image } from './image.ts'
import { MACHINES, Machine } from './machine.ts'
import { powerCases } from './power-cases.ts'
import { rebootCases } from './reboot-case.ts'

const CASES: readonly Case[] = [...rebootCases, ...clockCases, ...powerCases]
const FAULTS = [...new Set(CASES.map(({ fault }) => fault))].sort()
const USAGE = `usage: npm run machine -- [--only FAULT]… [--match WORDS-OF-A-NAME]   (${FAULTS.join(', ')})`

let machine: Machine | null = null

/** Runs what was asked for; gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const wanted = selected(args)
  if (!wanted) {
    console.error(USAGE)
    return 2
  }
  const reason = whyNoLab()
  if (reason) throw new LabError(reason)
  removeLeftovers()
  process.once('exit', () => machine?.down())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  const image = await ensureImage()
  let failed = 0
  for (const one of wanted) if (!(await passes(one, image))) failed += 1
  console.log(`${wanted.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function selected(args: readonly string[]): readonly Case[] | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { only: { type: 'string', multiple: true }, match: { type: 'string' } },
    })
    const only = (values.only ?? []).flatMap((list) => list.split(',')).map(Number)
    if (only.some((fault) => !FAULTS.includes(fault))) return null
    const wanted = CASES.filter(({ fault }) => only.length === 0 || only.includes(fault))
    return wanted.filter(({ name }) => name.includes(values.match ?? ''))
  } catch {
    return null
  }
}

async function passes(one: Case, image: Image): Promise<boolean> {
  const title = `${one.fault} ${one.name}`
  try {
    machine ??= await booted(image)
    console.log(`ok    ${title}: ${await one.run(machine)}`)
    return true
  } catch (error) {
    console.log(`FAIL  ${title}: ${error instanceof LabError ? error.message : (error as Error).stack}`)
    console.log(lastWords().replaceAll(/^/gm, '      | '))
    // The next one gets a machine that nothing has happened to.
    machine?.down()
    machine = null
    return false
  }
}

async function booted(image: Image): Promise<Machine> {
  const made = await Machine.make(image)
  machine = made
  console.log(`the machine is up after ${seconds(await made.powerOn())}`)
  return made
}

/** The end of what the kernel and systemd said last. */
const lastWords = (): string =>
  machine && existsSync(machine.log)
    ? readFileSync(machine.log, 'latin1').trim().split(/\r?\n/).slice(-8).join('\n')
    : ''

/** Folders of runs that were killed; their programs died with them. */
function removeLeftovers(): void {
  if (!existsSync(MACHINES)) return
  for (const pid of readdirSync(MACHINES))
    if (!existsSync(`/proc/${pid}`)) rmSync(join(MACHINES, pid), { recursive: true, force: true })
}
