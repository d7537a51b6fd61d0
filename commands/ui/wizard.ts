import { table } from '../render/format.ts'
import { cancelledError, type Prompts } from './prompts.ts'
import { type InitAnswers, type Question, questions } from './questions.ts'
import type { Ui } from './ui.ts'

/** Asks what is open, then shows everything until it is written, edited or cancelled. Nothing is written in between. */
export async function runWizard(
  prompts: Prompts,
  ui: Pick<Ui, 'note'>,
  preset: InitAnswers,
  open: readonly Question[],
  renderPlan: (answers: InitAnswers) => string,
): Promise<InitAnswers> {
  let answers = preset
  for (const question of open) answers = { ...answers, ...(await question.ask(prompts, answers)) }
  for (;;) {
    ui.note(`\n${table(questions.map(({ name, show }) => [name, show(answers)]))}\n\n${renderPlan(answers)}\n`)
    const choice = await prompts.select<'write' | 'edit' | 'cancel'>('Ready?', [
      { value: 'write', name: 'Write the files' },
      { value: 'edit', name: 'Edit an answer' },
      { value: 'cancel', name: 'Cancel' },
    ])
    if (choice === 'write') return answers
    if (choice === 'cancel') throw cancelledError()
    const which = await prompts.select(
      'Which one?',
      questions.map((value) => ({ value, name: value.name })),
    )
    answers = { ...answers, ...(await which.ask(prompts, answers)) }
  }
}
