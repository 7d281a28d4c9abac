import type { StoppedEvent } from '../../../listener/event.js';
import { countOf, groupDigits } from '../../number.js';
import { layRows, laySentence, type Row, type View } from '../layout.js';

/** What came of the run and what to type next, for stderr. `givenUp`: deliveries that are not tried again by themselves. */
export function describeStopped({ counts }: StoppedEvent, givenUp: number, view: View): string {
  const { received, verified, repeats, refused, forwarded, failed, owed } = counts;
  const unrecorded = received - verified - refused;
  const came = [
    ...(verified > 0
      ? [`${groupDigits(verified)} verified${repeats > 0 ? ` (${groupDigits(repeats)} again)` : ''}`]
      : []),
    ...(refused > 0 ? [`${groupDigits(refused)} refused`] : []),
    ...(unrecorded > 0 ? [`${groupDigits(unrecorded)} not recorded and answered 503`] : []),
  ];
  const sentences = [
    received === 0 ? 'Nothing was received.' : `${groupDigits(received)} received: ${came.join(', ')}.`,
    ...(forwarded + failed > 0
      ? [`Forwarded: ${groupDigits(forwarded)} accepted${failed > 0 ? `, ${countOf(failed, 'failed attempt')}` : ''}.`]
      : []),
    ...(owed > 0 ? [`${groupDigits(owed)} still owed.`] : []),
  ];
  const [first = '', ...more] = laySentence(`Stopped. ${sentences.join(' ')}`, view);
  const headline = first.replace(/^Stopped\./, (word) => view.paint.bold(word));
  return `\n${[headline, ...more, ...layRows(nextRows(counts, givenUp), view)].join('\n')}\n`;
}

function nextRows({ received, owed }: StoppedEvent['counts'], givenUp: number): readonly Row[] {
  return [
    ...(owed > 0 ? [{ label: 'storewire listen', value: 'goes on with what is owed' }] : []),
    ...(owed + givenUp > 0
      ? [{ label: 'storewire replay --failed', value: 'sends what a target has not accepted' }]
      : []),
    ...(received > 0 ? [{ label: 'storewire journal list', value: 'shows what came' }] : []),
  ];
}
