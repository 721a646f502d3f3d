import picocolors from 'picocolors';

/** How a stream is written to: with colours or without. */
export interface Paint {
  /** Whether a person's terminal shows it. Else a program reads it, and bytes stay as they are. */
  readonly isTerminal: boolean;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

export function paint(hasColours: boolean, isTerminal: boolean): Paint {
  const { red, green, yellow, cyan, bold, dim } = picocolors.createColors(hasColours);
  return { isTerminal, red, green, yellow, cyan, bold, dim };
}
