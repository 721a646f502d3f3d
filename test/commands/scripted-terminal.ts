import type { Choice, Terminal } from '../../src/model/ports.ts';

/** What to answer to the question that starts so: the name of a choice, the names of several, or a text;
 *  undefined takes what is proposed. A list for a text question is typed one after the other until one is accepted. */
export type Answer = readonly [question: string, answer: string | readonly string[] | undefined];

/** A person who answers a script, in its order; any other question is a failure. */
export function scripted(script: readonly Answer[]) {
  const left = [...script];
  const shown: string[] = [];
  const refusals: string[] = [];
  const next = (message: string): Answer[1] => {
    const [question, answer] = left.shift() ?? [];
    if (question === undefined || !message.startsWith(question))
      throw new Error(`asked "${message}", expected "${question ?? 'nothing more'}"`);
    return answer;
  };
  const terminal: Terminal = {
    interactive: true,
    input: ({ message, default: proposed, validate }) => {
      const answer = next(message);
      for (const text of typeof answer === 'object' ? answer : [answer ?? proposed ?? '']) {
        const verdict = validate?.(text) ?? true;
        if (verdict === true) return Promise.resolve(text);
        refusals.push(verdict);
      }
      throw new Error(`no answer to "${message}" was accepted: ${refusals.join('; ')}`);
    },
    select: <T>({
      message,
      choices,
      default: proposed,
    }: {
      message: string;
      choices: readonly Choice<T>[];
      default?: T | undefined;
    }) => {
      const answer = next(message);
      const value =
        answer === undefined
          ? (proposed ?? choices[0]?.value)
          : choices.find(({ name }) => name === answer)?.value;
      if (value === undefined)
        throw new Error(`"${message}" offers ${choices.map(({ name }) => name).join(', ')}`);
      return Promise.resolve(value);
    },
    checkbox: ({ message, choices }) => {
      const answer = next(message);
      return Promise.resolve(
        choices
          .filter(({ name, checked }) => (answer === undefined ? checked === true : answer.includes(name)))
          .map(({ value }) => value),
      );
    },
    confirm: ({ message, default: proposed }) => {
      const answer = next(message);
      return Promise.resolve(answer === undefined ? proposed : answer === 'yes');
    },
    show: (text) => {
      shown.push(text);
    },
  };
  return { ...terminal, shown, refusals, unasked: () => left.map(([question]) => question) };
}
