import type { DemoResult, DemoStep } from '../demo/play.js';
import { showText } from './escape.js';
import { toJsonLine } from './json.js';
import { laySentence, layRows, type View } from './layout.js';
import { padTo } from './width.js';

/** What each step is, for somebody who sees the loop for the first time. */
const STEPS: Readonly<Record<DemoStep['id'], { readonly label: string; readonly remark: string }>> = {
  authority: { label: 'authority', remark: '' },
  listener: { label: 'listener', remark: 'your part: storewire listen' },
  emulator: { label: 'App Store', remark: "Apple's part: storewire emulator" },
  request: { label: 'asked', remark: 'for a TEST notification: storewire test' },
  received: { label: 'received', remark: 'one signed JSON body' },
  verified: { label: 'verified', remark: 'as storewire verify does' },
  answered: { label: 'answered', remark: 'once it was on disk' },
  status: { label: 'status', remark: "what Apple's side knows of it" },
};

const LABEL_WIDTH = 'App Store'.length;
const SECONDS_WIDTH = '0.00 s'.length;

export function describeDemoOpening(view: View): string {
  const text = 'The whole loop on this machine: an App Store that is not Apple’s sends, a listener proves and answers.';
  return `${laySentence(text, view).join('\n')}\n\n`;
}

/** A line of the story: when, what, with what result. Ends in a newline. */
export function describeDemoStep({ id, atMs, value }: DemoStep, { paint, columns }: View): string {
  const { label, remark } = STEPS[id];
  const start = `  ${paint.dim(padTo(`${(atMs / 1_000).toFixed(2)} s`, SECONDS_WIDTH))}  ${padTo(label, LABEL_WIDTH)}  `;
  const room = columns - (2 + SECONDS_WIDTH + 2 + LABEL_WIDTH + 2);
  const shown = showText(value);
  const good = GOOD.test(value) ? paint.green.bold(shown) : paint.bold(shown);
  const more = remark === '' || shown.length + 2 + remark.length > room ? '' : `  ${paint.dim(remark)}`;
  return `${start}${good}${more}\n`;
}

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
