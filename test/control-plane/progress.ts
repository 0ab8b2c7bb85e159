/** What is being done, and how far it has come. */
export interface Progress {
  /** Changes when a new step begins. */
  step: string;
  detail?: string;
}

export type OnProgress = (progress: Progress) => void;

export interface ProgressOutput {
  isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Prints progress: on a terminal one line that is rewritten; elsewhere a line for each new step, and one every 15 s, so that a CI
 * system sees that something happens, and its log stays readable. `end` leaves a terminal's line behind.
 */
export function printProgress(output: ProgressOutput, now: () => number): { onProgress: OnProgress; end: () => void } {
  return output.isTTY ? rewriteLine(output) : appendLines(output, now);
}

function rewriteLine(output: ProgressOutput): ReturnType<typeof printProgress> {
  let open = false;
  return {
    onProgress: (progress) => {
      open = true;
      output.write(`\r${eraseToEndOfLine}${lineOf(progress)}`);
    },
    end: () => {
      if (open) output.write('\n');
      open = false;
    },
  };
}

/** ECMA-48, EL. */
const eraseToEndOfLine = '\u001b[K';

function appendLines(output: ProgressOutput, now: () => number): ReturnType<typeof printProgress> {
  let step: string | undefined;
  let printedAt = 0;
  return {
    onProgress: (progress) => {
      if (progress.step === step && now() - printedAt < 15_000) return;
      ({ step } = progress);
      printedAt = now();
      output.write(`${lineOf(progress)}\n`);
    },
    end: () => {},
  };
}

function lineOf({ step, detail }: Progress): string {
  return detail === undefined ? step : `${step}: ${detail}`;
}
