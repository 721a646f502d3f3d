import { styleText } from 'node:util';
import inquirer from 'inquirer';
import { forPerson, oneLine, visible } from '../model/quoted.ts';
import { Interrupted, type Choice, type Terminal } from '../model/ports.ts';

/** The person at the terminal. Questions go to standard error, so that standard output stays the result. */
export function createTerminal(): Terminal {
  const ask = inquirer.createPromptModule({ input: process.stdin, output: process.stderr });
  return {
    interactive: true,
    input: async ({ message, default: initial, validate }) => {
      const { answer } = await guarded<{ answer: unknown }>(() =>
        ask([
          {
            type: 'input',
            name: 'answer',
            message: visible(message),
            ...(initial !== undefined && { default: oneLine(initial) }),
            ...(validate !== undefined && { validate, transformer: judged(validate) }),
          },
        ]),
      );
      return String(answer).trim();
    },
    select: async <T>({
      message,
      choices,
      default: initial,
    }: {
      message: string;
      choices: readonly Choice<T>[];
      default?: T | undefined;
    }) => {
      const first = choices.findIndex(({ value }) => value === initial);
      const { answer } = await guarded<{ answer: unknown }>(() =>
        ask([
          {
            type: 'select',
            name: 'answer',
            message: visible(message),
            choices: listed(choices),
            default: Math.max(0, first),
          },
        ]),
      );
      return pick(choices, Number(answer));
    },
    checkbox: async <T>({ message, choices }: { message: string; choices: readonly Choice<T>[] }) => {
      if (choices.length === 0) return [];
      const { answer } = await guarded<{ answer: unknown }>(() =>
        ask([{ type: 'checkbox', name: 'answer', message: visible(message), choices: listed(choices) }]),
      );
      return (answer as readonly number[]).map((index) => pick(choices, index));
    },
    confirm: async ({ message, default: initial }) => {
      const { answer } = await guarded<{ answer: unknown }>(() =>
        ask([{ type: 'confirm', name: 'answer', message: visible(message), default: initial }]),
      );
      return answer === true;
    },
    show: (text) => {
      process.stderr.write(forPerson(text));
    },
  };
}

/** Shows what is wrong with a text while it is typed, where the proposal stood. */
function judged(validate: (text: string) => true | string) {
  return (text: string, { isFinal }: { isFinal: boolean }): string => {
    const verdict = text === '' || isFinal ? true : validate(text);
    const hasColours = (process.env.NO_COLOR ?? '') === '';
    return verdict === true
      ? text
      : `${hasColours ? styleText('red', `(${verdict})`) : `(${verdict})`} ${text}`;
  };
}

function listed<T>(choices: readonly Choice<T>[]) {
  return choices.map(({ name, hint, checked }, value) => ({
    name: oneLine(hint === undefined ? name : `${name}  (${hint})`),
    short: oneLine(name),
    value,
    ...(checked !== undefined && { checked }),
  }));
}

function pick<T>(choices: readonly Choice<T>[], index: number): T {
  const choice = choices[index];
  if (choice === undefined) throw new Error(`there is no choice ${String(index)}`);
  return choice.value;
}

/** inquirer ends a prompt on Ctrl-C or a closed terminal with an error of this name. */
async function guarded<T>(prompt: () => Promise<T>): Promise<T> {
  try {
    return await prompt();
  } catch (error) {
    if (error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError'))
      throw new Interrupted();
    throw error;
  }
}
