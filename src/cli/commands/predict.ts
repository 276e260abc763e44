import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Command, Option } from 'commander'
import { caseAnswers } from '../../prediction/case-answer.ts'
import type { CaseAnswer } from '../../prediction/case-answer.ts'
import type { WriteCase } from '../../prediction/write-case.ts'
import { otherArchitecture } from '../../discovery/no-kvm.ts'
import { InputError } from '../input/input-error.ts'
import { readDocuments } from '../input/read-documents.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'
import { predictLine } from '../input/predict-line.ts'

type PredictOptions = { readonly host?: string; readonly rulesOnly: boolean; readonly kvm: boolean }

type Answers = Disposable & { readonly answer: (one: WriteCase) => CaseAnswer }

const NOTHING_TO_CLOSE = (): void => undefined

const fromDocument = (path: string, rulesOnly: boolean): Answers => {
  const hosts = readDocuments([path])
  const [host] = hosts
  if (host?.kind !== 'host' || hosts.length > 1)
    throw new InputError(`--host ${path}: expected one host document, from cpufeatures probe`)
  return { answer: caseAnswers(host.host, { rulesOnly }), [Symbol.dispose]: NOTHING_TO_CLOSE }
}

/** Loads FFI only here, because predictions need no arm64 host. */
const fromKvm = async (): Promise<Answers> => {
  if (process.arch !== 'arm64') {
    const { message } = otherArchitecture(process.arch)
    throw new InputError(`--kvm: ${message}; with --host FILE predict works on any machine`)
  }
  const { Kvm } = await import('../../linux/kvm/kvm.ts')
  const { KvmAnswers } = await import('../../discovery/kvm-answers.ts')
  using made = new DisposableStack()
  const answers = made.use(new KvmAnswers(made.use(Kvm.open())))
  const owned = made.move()
  return {
    answer: (one) => answers.answer(one),
    [Symbol.dispose]: () => {
      owned.dispose()
    },
  }
}

const answersOf = ({ host, rulesOnly, kvm }: PredictOptions): Answers | Promise<Answers> => {
  if (kvm && (host !== undefined || rulesOnly))
    throw new InputError('--kvm asks the KVM of this machine: do not combine it with --host or --rules-only')
  if (kvm) return fromKvm()
  if (host === undefined)
    throw new InputError('give --host FILE (a host document), or --kvm to ask the KVM of this machine')
  return fromDocument(host, rulesOnly)
}

/** How many characters we write at once. Writing each line by itself would cost a system call per line. */
const CHUNK = 64 * 1024

const flush = async (lines: string[]): Promise<void> => {
  const text = lines.splice(0).join('')
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** The lines without an answer: how many there are, and what is wrong with the first. */
type Failures = { count: number; first: string }

const answerLines = async (answer: Answers['answer']): Promise<Failures> => {
  const lines: string[] = []
  const failures: Failures = { count: 0, first: '' }
  let [number, pending] = [0, 0]
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    number += 1
    if (text.trim() === '') continue
    const line = predictLine(text, number, answer)
    if (line.error !== undefined && (failures.count += 1) === 1) failures.first = line.error
    lines.push(`${line.text}\n`)
    pending += line.text.length
    if (pending < CHUNK) continue
    pending = 0
    await flush(lines)
  }
  await flush(lines)
  return failures
}

const predict = async (options: PredictOptions): Promise<number> => {
  using answers = await answersOf(options)
  const { count, first } = await answerLines((one) => answers.answer(one))
  if (count === 0) return EXIT.yes
  const many = count === 1 ? '1 line has' : `${count} lines have`
  process.stderr.write(`cpufeatures predict: ${many} no answer; ${first}\n`)
  return EXIT.no
}

/** `cpufeatures predict`: predicts what KVM does with writes. */
export const predictCommand = (): Command =>
  addVerbHelp(
    new Command('predict')
      .summary('predict what KVM does with a value that a VMM writes to an ID register')
      .description(
        'Predicts what KVM on a host does with a value that a VMM writes to a register of a new vCPU ' +
          '(KVM_SET_ONE_REG). The verb reads cases from standard input, one JSON object per line. It prints ' +
          'each case with a verdict: accepted, refused, stored-as or unknown. Stored-as means that KVM accepts ' +
          'the write, but keeps a different value. The verb needs no KVM, unless you give --kvm.',
      )
      .addOption(new Option('--host <file>', 'the host document, from cpufeatures probe'))
      .option(
        '--rules-only',
        'ignore what a probe has tried on the host; use only the rules that model KVM',
        false,
      )
      .option('--kvm', 'do not predict, but ask the KVM of this machine, with VMs that never run', false),
    {
      notes: [
        'A case has two keys: register (ID_AA64ISAR0_EL1, or its encoding S3_0_C0_C6_0), and value (for the ' +
          'whole register). By default, the vCPU has no vCPU features. The key vcpuFeatures lists the features ' +
          'that it has. With "implementationId":true, the registers MIDR_EL1, REVIDR_EL1 and AIDR_EL1 are ' +
          'writable (KVM_CAP_ARM_WRITABLE_IMP_ID_REGS). The verb ignores other keys, but repeats them in the ' +
          'answer. It skips empty lines.',
        '  {"register":"ID_AA64ISAR0_EL1","value":"0x0","vcpuFeatures":["sve","pmu"]}',
        'The answer repeats the case and adds two keys: verdict, and stored (the value that the register then ' +
          'has). If KVM refuses the value, the answer also has the keys rule, field and errno, which say why. ' +
          'If nobody has tried the value on the host, the answer comes from the rules alone, and has ' +
          '"unproven":true. This happens if the value changes several fields at once, or if the host document ' +
          'has no trials.',
        'To check predictions, run the verb with --kvm on the host itself. The answers should have the same ' +
          'register, value, verdict, stored and errno.',
      ],
      examples: [
        ['cpufeatures predict --host host.json < cases.jsonl > verdicts.jsonl'],
        ['cpufeatures predict --kvm < cases.jsonl > truth.jsonl', 'on the host itself'],
      ],
      exitCodes:
        '0 every case has an answer; 1 some cases have no answer (the key error in the output says why); 2 ' +
        'wrong usage or input.',
    },
  ).action((options: PredictOptions) => verbAction('predict', () => predict(options)))
