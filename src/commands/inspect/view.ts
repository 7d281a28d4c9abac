import type { Target } from '../../forwarding/target.js';
import type { InspectedListener } from '../../session/inspector.js';
import { escapeText } from '../../terminal/escape.js';
import { joinParts, layRows, type Row, type View } from '../../terminal/layout.js';

export interface InspectReady {
  readonly url: string;
  /** What the page shows, with a remark. */
  readonly shows: Pick<Row, 'value' | 'remark'>;
  readonly targets: readonly Target[];
  readonly listener: InspectedListener | null;
  /** The listener matters: the page shows the journal that it writes. */
  readonly isJournal: boolean;
}

/** The ready block: the page's URL first. Text meant to be copied is never wrapped. */
export function describeInspectReady({ url, shows, targets, listener, isJournal }: InspectReady, view: View): string {
  const rows: readonly Row[] = [
    { label: 'page', value: url },
    { label: 'shows', ...shows },
    ...(isJournal ? [listenerRow(listener)] : []),
    ...targetRows(targets),
  ];
  const unwrapped = { ...view, columns: Number.POSITIVE_INFINITY };
  return `${joinParts([[view.paint.bold('Inspecting App Store Server Notifications'), ...layRows(rows, unwrapped)], ['Stop: Ctrl-C']])}\n`;
}

function listenerRow(listener: InspectedListener | null): Row {
  return listener === null
    ? {
        label: 'listener',
        value: 'none running',
        remark: 'start one: storewire listen --trust-authority',
        tone: 'quiet',
      }
    : { label: 'listener', value: escapeText(listener.url) };
}

function targetRows(targets: readonly Target[]): readonly Row[] {
  if (targets.length === 0)
    return [
      { label: 'replays to', value: 'nowhere', remark: 'add --forward-to http://localhost:3000/path', tone: 'quiet' },
    ];
  return targets.map(({ name, shown }, index) => ({
    label: index === 0 ? 'replays to' : '',
    value: `${escapeText(name)} → ${escapeText(shown)}`,
  }));
}
