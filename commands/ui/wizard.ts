import type { Day } from '../../src/time.ts'
import { type Pieces, table } from '../render/layout.ts'
import { cancelledError, type Prompts } from './prompts.ts'
import type { InitAnswers, Question } from './question.ts'
import { questions } from './questions.ts'
import type { Ui } from './ui.ts'

/**
 * Asks the open questions, then shows all answers until the user writes, edits, or cancels. Nothing is written before
 * that.
 */
export async function runWizard(
  prompts: Prompts,
  ui: Pick<Ui, 'note'>,
  preset: InitAnswers,
  open: readonly Question[],
  renderPlan: (answers: InitAnswers) => Pieces,
  today: Day,
): Promise<InitAnswers> {
  let answers = preset
  const arises = ({ when }: Question) => when?.(answers) ?? true
  for (const question of open)
    if (arises(question)) answers = { ...answers, ...(await question.ask(prompts, answers, today)) }
  for (;;) {
    for (const question of questions)
      if (!question.optional && arises(question) && question.show(answers) === '')
        answers = { ...answers, ...(await question.ask(prompts, answers, today)) }
    ui.note([
      '',
      table(questions.filter(arises).map(({ name, show }) => [name, show(answers)])),
      '',
      ...renderPlan(answers),
      '',
    ])
    const choice = await prompts.select<'write' | 'edit' | 'cancel'>('Ready?', [
      { value: 'write', name: 'Write the files' },
      { value: 'edit', name: 'Edit an answer' },
      { value: 'cancel', name: 'Cancel' },
    ])
    if (choice === 'write') return answers
    if (choice === 'cancel') throw cancelledError()
    const which = await prompts.select(
      'Which answer?',
      questions.filter(arises).map((value) => ({ value, name: value.name })),
    )
    answers = { ...answers, ...(await which.ask(prompts, answers, today)) }
  }
}
