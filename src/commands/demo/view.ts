import { showText } from '../../terminal/escape.js';
import { toJsonLine } from '../../terminal/json.js';
import { layRows, laySentence, type View } from '../../terminal/layout.js';
import { keepStart, padTo, widthOf } from '../../terminal/width.js';
import type { DemoResult, DemoStep } from './play.js';

/** Label and explanation of each step; the command that does the same is in parentheses. */
const STEPS: Readonly<Record<DemoStep['id'], { readonly label: string; readonly about: string }>> = {
  authority: { label: 'authority', about: 'test root certificate' },
  listener: { label: 'listener', about: 'your endpoint (listen)' },
  emulator: { label: 'emulator', about: 'local App Store (emulator)' },
  request: { label: 'request', about: 'TEST requested (test)' },
  received: { label: 'received', about: 'signed JSON body' },
  verified: { label: 'verified', about: 'verification (verify)' },
  answered: { label: 'answered', about: 'after writing to disk' },
  status: { label: 'status', about: 'result (status)' },
};

const LABEL_WIDTH = STEPS.authority.label.length;

const ABOUT_WIDTH = STEPS.emulator.about.length;

const SECONDS_WIDTH = '0.00 s'.length;

export function describeDemoStart(view: View): string {
  const text = 'Sends a TEST notification from a local App Store to a local endpoint, offline.';
  return `${laySentence(text, view).join('\n')}\n\n`;
}

/** One line: elapsed time, step, result. Ends in a newline. */
export function describeDemoStep({ id, atMs, value }: DemoStep, { paint, columns }: View): string {
  const { label, about } = STEPS[id];
  const start = [
    padTo(`${(atMs / 1_000).toFixed(2)} s`, SECONDS_WIDTH),
    padTo(label, LABEL_WIDTH),
    padTo(about, ABOUT_WIDTH),
  ];
  const room = columns - start.reduce((sum, cell) => sum + widthOf(cell) + GAP.length, GAP.length);
  const shown = keepStart(showText(value), room);
  const result = GOOD.test(value) ? paint.green.bold(shown) : paint.bold(shown);
  return `${GAP}${paint.dim(start[0])}${GAP}${start[1]}${GAP}${paint.dim(start[2])}${GAP}${result}\n`;
}

const GAP = '  ';

const GOOD = /^(?:valid|200|SUCCESS)\b/;

/** Result and next steps. */
export function describeDemoEnd({ worked, ms }: DemoResult, view: View): string {
  const { paint } = view;
  const headline = worked
    ? `${paint.green.bold('Passed')} in ${(ms / 1_000).toFixed(1)} s: sent, received, verified, recorded, answered, confirmed.`
    : `${paint.red.bold('Failed:')} the last step above shows the cause. Please report it.`;
  const pair = layRows(
    [
      { label: 'receive', value: 'storewire listen --trust-authority' },
      { label: 'send', value: 'storewire trigger DID_RENEW' },
    ],
    view,
  );
  const apple = layRows([{ label: 'ask Apple', value: 'storewire init' }], view);
  const parts = [
    headline,
    `${paint.bold('Try it yourself, in two shells in the same folder')}\n${pair.join('\n')}`,
    `${paint.bold("With your app's keys")}\n${apple.join('\n')}`,
  ];
  return `\n${parts.join('\n\n')}\n`;
}

export function demoToJson({ worked, ms, steps }: DemoResult): string {
  return toJsonLine({ verdict: worked ? 'pass' : 'fail', ms, steps });
}
