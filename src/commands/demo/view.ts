import { showText } from '../../terminal/escape.js';
import { toJsonLine } from '../../terminal/json.js';
import { layRows, laySentence, type View } from '../../terminal/layout.js';
import { keepStart, padTo, widthOf } from '../../terminal/width.js';
import type { DemoResult, DemoStep } from './play.js';

/** What each step is, for somebody who sees the loop for the first time. */
const STEPS: Readonly<Record<DemoStep['id'], { readonly label: string; readonly what: string }>> = {
  authority: { label: 'authority', what: "signs in Apple's place" },
  listener: { label: 'listener', what: 'your part (listen)' },
  emulator: { label: 'App Store', what: "Apple's part (emulator)" },
  request: { label: 'asked', what: 'for a TEST (test)' },
  received: { label: 'received', what: 'one signed JSON body' },
  verified: { label: 'verified', what: 'as verify does' },
  answered: { label: 'answered', what: 'once it was on disk' },
  status: { label: 'status', what: "what Apple's side knows" },
};

const LABEL_WIDTH = 'App Store'.length;

const WHAT_WIDTH = STEPS.emulator.what.length;

const SECONDS_WIDTH = '0.00 s'.length;

export function describeDemoOpening(view: View): string {
  const text = "The whole loop on this machine: an App Store that is not Apple's sends, a listener proves and answers.";
  return `${laySentence(text, view).join('\n')}\n\n`;
}

/** A line of the story: when, what, with what result. Ends in a newline. */
export function describeDemoStep({ id, atMs, value }: DemoStep, { paint, columns }: View): string {
  const { label, what } = STEPS[id];
  const start = [
    padTo(`${(atMs / 1_000).toFixed(2)} s`, SECONDS_WIDTH),
    padTo(label, LABEL_WIDTH),
    padTo(what, WHAT_WIDTH),
  ];
  const room = columns - start.reduce((sum, cell) => sum + widthOf(cell) + GAP.length, GAP.length);
  const shown = keepStart(showText(value), room);
  const result = GOOD.test(value) ? paint.green.bold(shown) : paint.bold(shown);
  return `${GAP}${paint.dim(start[0])}${GAP}${start[1]}${GAP}${paint.dim(start[2])}${GAP}${result}\n`;
}

const GAP = '  ';

const GOOD = /^(?:valid|200|SUCCESS)\b/;

/** How it went, and what to type next. */
export function describeDemoEnd({ worked, ms }: DemoResult, view: View): string {
  const { paint } = view;
  const headline = worked
    ? `${paint.green.bold('It works.')} Sent, proved, recorded, answered and confirmed in ${(ms / 1_000).toFixed(1)} s, offline.`
    : `${paint.red.bold('Something is wrong:')} the lines above say what. Please report it.`;
  const next = layRows(
    [
      { label: 'to receive', value: 'storewire listen' },
      { label: 'to send', value: 'storewire trigger DID_RENEW --to http://127.0.0.1:4280/' },
      { label: 'to ask Apple', value: 'storewire init, then storewire test --environment sandbox --wait' },
    ],
    view,
  );
  return `\n${headline}\n\n${next.join('\n')}\n`;
}

export function demoToJson({ worked, ms, steps }: DemoResult): string {
  return toJsonLine({ verdict: worked ? 'pass' : 'fail', ms, steps });
}
